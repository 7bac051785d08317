namespace Leyden.Diffusion;

/// <summary>
/// Standard normal noise as a pure function of seed, draw and index: number i of draw d under seed s is the normal quantile of word i mod 4 of
/// Philox4x32-10 at counter (i / 4, 0, d, 0) under key (s, 0). The same bits on every machine, for every length and place in a batch;
/// <c>docs/noise.md</c> describes it for other implementations.
/// </summary>
/// <param name="seed">The seed of the picture.</param>
public sealed class NormalNoise(uint seed) : INoiseSource
{
    private const double Spacing = 1.0 / (1UL << 32);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The draw's number is negative.</exception>
    public void Fill(int draw, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        Span<float> block = stackalloc float[4];
        for (var i = 0; i < destination.Length; i += 4)
        {
            var (w0, w1, w2, w3) = Philox4x32.Block(((uint)(i / 4), 0, (uint)draw, 0), (seed, 0));
            (block[0], block[1], block[2], block[3]) = (Normal(w0), Normal(w1), Normal(w2), Normal(w3));
            var rest = destination[i..];
            (rest.Length < 4 ? block[..rest.Length] : block).CopyTo(rest);
        }
    }

    /// <summary>The words are the middles of 2³² equal parts of probability.</summary>
    private static float Normal(uint word) => (float)NormalQuantile.At(((word + 0.5) * Spacing) - 0.5);
}
