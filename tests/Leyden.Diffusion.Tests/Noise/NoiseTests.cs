using CsCheck;

namespace Leyden.Diffusion.Tests;

public sealed class NoiseTests
{
    /// <summary>The known answers that Random123 publishes for philox4x32-10 (kat_vectors).</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(
        0xffffffffu,
        0xffffffffu,
        0xffffffffu,
        0xffffffffu,
        0xffffffffu,
        0xffffffffu,
        0x408f276du,
        0x41c83b0eu,
        0xa20bc7c6u,
        0x6d5451fdu
    )]
    [InlineData(
        0x243f6a88u,
        0x85a308d3u,
        0x13198a2eu,
        0x03707344u,
        0xa4093822u,
        0x299f31d0u,
        0xd16cfe09u,
        0x94fdccebu,
        0x5001e420u,
        0x24126ea1u
    )]
    public void Philox_gives_the_published_answers(
        uint c0,
        uint c1,
        uint c2,
        uint c3,
        uint k0,
        uint k1,
        uint w0,
        uint w1,
        uint w2,
        uint w3
    ) => Assert.Equal((w0, w1, w2, w3), Philox4x32.Block((c0, c1, c2, c3), (k0, k1)));

    /// <summary>Quantiles of Python's statistics.NormalDist, and beyond the middles of the outermost parts.</summary>
    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.25, 0.6744897501960817)]
    [InlineData(-0.425, -1.439531470938456)]
    [InlineData(0.475, 1.9599639845400536)]
    [InlineData(-0.499, -3.090232306167813)]
    [InlineData(0.5 - (1 / 1048576.0), 4.7630010342678135)]
    [InlineData(0.5 - (0.5 / 4294967296.0), 6.337957754553789)]
    public void Quantiles_are_exact(double q, double expected) =>
        Assert.Equal(expected, NormalQuantile.At(q), Math.Abs(expected) * 1e-14);

    [Fact]
    public void The_logarithm_is_that_of_the_library() =>
        Gen.Double[1e-12, 0.5]
            .Sample(x => Assert.Equal(Math.Log(x), NormalQuantile.Log(x), Math.Abs(Math.Log(x)) * 4e-16));

    /// <summary>Pinned bits, made by an implementation in Python after docs/noise.md: whoever changes them changes every picture ever made.</summary>
    [Fact]
    public void The_noise_of_a_seed_stays_what_it_is()
    {
        var noise = new float[6];
        new NormalNoise(42).Fill(1, noise);

        float[] expected = [-2.3241456f, -1.1442989f, -0.73205936f, 0.5581023f, -1.131608f, 2.3861613f];
        Assert.Equal(expected, noise);
    }

    [Fact]
    public void A_number_depends_on_seed_draw_and_index_only() =>
        Gen.Select(Gen.UInt, Gen.Int[0, 50], Gen.Int[0, 40], Gen.Int[0, 40])
            .Sample(
                (seed, draw, length, more) =>
                {
                    var (some, all) = (new float[length], new float[length + more]);
                    new NormalNoise(seed).Fill(draw, some);
                    new NormalNoise(seed).Fill(draw, all);
                    Assert.Equal(some, all[..length]);
                }
            );

    [Fact]
    public void Draws_and_seeds_next_to_each_other_are_independent()
    {
        var (a, b, c) = (new float[40_000], new float[40_000], new float[40_000]);
        new NormalNoise(7).Fill(0, a);
        new NormalNoise(7).Fill(1, b);
        new NormalNoise(8).Fill(0, c);

        // The mean of n products of independent standard normals has the standard deviation 1/√n.
        Assert.Equal(0, a.Zip(b, (x, y) => (double)x * y).Average(), 5 / Math.Sqrt(a.Length));
        Assert.Equal(0, a.Zip(c, (x, y) => (double)x * y).Average(), 5 / Math.Sqrt(a.Length));
        Assert.Equal(0, a.Zip(a.Skip(1), (x, y) => (double)x * y).Average(), 5 / Math.Sqrt(a.Length));
    }

    [Fact]
    public void The_numbers_are_standard_normal()
    {
        var noise = new float[1_000_000];
        new NormalNoise(1).Fill(0, noise);

        var n = (double)noise.Length;
        Assert.Equal(0, noise.Average(x => (double)x), 5 / Math.Sqrt(n));
        Assert.Equal(1, noise.Average(x => Math.Pow(x, 2)), 5 * Math.Sqrt(2 / n));
        Assert.Equal(0, noise.Average(x => Math.Pow(x, 3)), 5 * Math.Sqrt(15 / n));
        Assert.Equal(3, noise.Average(x => Math.Pow(x, 4)), 5 * Math.Sqrt(96 / n));
        Assert.Equal(0.3173105, noise.Count(x => Math.Abs(x) > 1) / n, 0.003);
        Assert.Equal(0.0455003, noise.Count(x => Math.Abs(x) > 2) / n, 0.0015);
        Assert.Equal(0.0026998, noise.Count(x => Math.Abs(x) > 3) / n, 0.0004);
    }
}
