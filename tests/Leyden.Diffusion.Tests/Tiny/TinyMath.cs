namespace Leyden.Diffusion.Tests.Tiny;

/// <summary>The numbers of <see cref="TinyModel"/>, and what they make of an input, worked out without ONNX Runtime.</summary>
internal static class TinyMath
{
    public const float SampleShare = 0.5f;
    public const float TimeShare = 1 / 4096f;
    public const float ScalingFactor = 0.25f;

    public static readonly float[] StateWeights =
    [
        0.125f,
        -0.125f,
        0.0625f,
        0.03125f,
        0.25f,
        -0.0625f,
        0.125f,
        0.09375f,
    ];
    public static readonly float[] PooledWeights = [0.0625f, 0.125f, -0.0625f, 0.03125f, 0.015625f];
    public static readonly float[] SizeWeights =
    [
        0.001953125f,
        0.00390625f,
        0.0625f,
        0.0625f,
        0.00048828125f,
        0.0009765625f,
    ];
    public static readonly float[] LatentMean = [0.5f, -0.25f, 0, 1];
    public static readonly float[] LatentDeviation = [1, 2, 0.5f, 1.5f];

    /// <summary>Three rows of four: how red, green and blue come from the channels of the latents.</summary>
    public static readonly float[] Mix =
    [
        0.001953125f,
        0.00390625f,
        0,
        0,
        0,
        -0.001953125f,
        0.0078125f,
        0,
        0.0009765625f,
        0,
        0,
        0.00390625f,
    ];

    /// <summary>Number <paramref name="column"/> of the state of token <paramref name="id"/>.</summary>
    public static float Embedding(int id, int column, int width) => (id * (column + 1) + width) % 17 / 16f - 0.5f;

    /// <summary>What the UNet adds to half of its sample, for the texts' ids in both vocabularies.</summary>
    public static double Conditioning(IReadOnlyList<int> ids1, IReadOnlyList<int> ids2, int width, int height) =>
        States(ids1, ids2) + Pooled(ids2) + Size(width, height);

    /// <summary>The same for a conditioning of zeros.</summary>
    public static double Size(int width, int height) =>
        SizeWeights[0] * height + SizeWeights[1] * width + SizeWeights[4] * height + SizeWeights[5] * width;

    /// <summary>The bytes of a decoded latent.</summary>
    public static byte[] Decode(ReadOnlySpan<double> latent, bool moments)
    {
        var pixel = new byte[3];
        for (var colour = 0; colour < 3; colour++)
        {
            var sum = 0.0;
            for (var channel = 0; channel < 4; channel++)
            {
                var value = moments
                    ? latent[channel] * LatentDeviation[channel] / ScalingFactor + LatentMean[channel]
                    : latent[channel] / ScalingFactor;
                sum += Mix[4 * colour + channel] * value;
            }

            pixel[colour] = (byte)Math.Round(Math.Clamp(sum / 2 + 0.5, 0, 1) * 255);
        }

        return pixel;
    }

    private static double States(IReadOnlyList<int> ids1, IReadOnlyList<int> ids2) =>
        Enumerable
            .Range(0, ids1.Count)
            .Average(token =>
                Enumerable.Range(0, 3).Sum(c => (double)StateWeights[c] * Embedding(ids1[token], c, 3))
                + Enumerable.Range(0, 5).Sum(c => (double)StateWeights[3 + c] * Embedding(ids2[token], c, 5))
            );

    private static double Pooled(IReadOnlyList<int> ids2) =>
        Enumerable.Range(0, 5).Sum(c => PooledWeights[c] * ids2.Average(id => (double)Embedding(id, c, 5)));
}
