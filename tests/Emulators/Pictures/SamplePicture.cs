using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Leyden.Emulators.Pictures;

/// <summary>
/// A picture that stands for a model's: bands of colour out of the prompt, the seed and the number of the output, with a
/// caption that says that it is a sample. The same four always give the same file. Drawn without a graphics library,
/// because those bring native code and need fonts that a bare machine lacks.
/// </summary>
public static class SamplePicture
{
    private const int PaletteSize = 1024;

    /// <summary>Draws a picture.</summary>
    /// <param name="width">Pixels, 16…4096.</param>
    /// <param name="height">Pixels, 16…4096.</param>
    /// <param name="prompt">Written on the picture, cut after a few lines.</param>
    /// <param name="seed">Changes the picture.</param>
    /// <param name="index">Which output of the prediction this is, from 0; changes the picture.</param>
    /// <returns>A PNG file.</returns>
    public static byte[] Render(int width, int height, string prompt, long seed, int index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, 4096);

        var pixels = new byte[width * height * 3];
        Paint(pixels, width, height, new Traits(prompt, seed, index));
        Caption.Draw(pixels, width, height, prompt, $"sample picture (no model) - seed {seed} #{index + 1}");
        return PngWriter.Write(pixels, width, height);
    }

    // Waves whose phase is bent by other waves: soft bands that never repeat.
    private static void Paint(Span<byte> pixels, int width, int height, Traits traits)
    {
        var palette = BuildPalette(traits);
        var scale = MathF.Tau / Math.Max(width, height);
        var (a, b, c) = (1 + traits[0], 1 + (2 * traits[1]), 0.6f + traits[2]);
        var (p, q, r) = (traits[3] * MathF.Tau, traits[4] * MathF.Tau, traits[5] * MathF.Tau);
        var columns = new float[width];
        for (var x = 0; x < width; x++)
        {
            columns[x] = 0.9f * MathF.Sin((a * x * scale) + p);
        }

        var offset = 0;
        for (var y = 0; y < height; y++)
        {
            var v = y * scale;
            var row = 1.1f * MathF.Sin((b * v) + q);
            for (var x = 0; x < width; x++)
            {
                var bent = (c * x * scale) + row;
                var wave = MathF.Sin(bent + r) + MathF.Sin((c * v) + columns[x] + (0.7f * bent));
                var colour = (int)((wave + 2) / 4 * (PaletteSize - 1)) * 3;
                palette.AsSpan(colour, 3).CopyTo(pixels[offset..]);
                offset += 3;
            }
        }
    }

    private static byte[] BuildPalette(Traits traits)
    {
        var palette = new byte[PaletteSize * 3];
        for (var i = 0; i < PaletteSize; i++)
        {
            var t = (float)i / PaletteSize;
            for (var channel = 0; channel < 3; channel++)
            {
                var phase = traits[6] + (channel * (0.08f + (0.18f * traits[7])));
                var light = 0.52f + (0.4f * MathF.Cos(MathF.Tau * ((t * (0.8f + (0.5f * traits[8]))) + phase)));
                palette[(i * 3) + channel] = (byte)(Math.Clamp(light, 0, 1) * 255);
            }
        }

        return palette;
    }

    /// <summary>Numbers in 0…1 that depend on everything that a picture depends on.</summary>
    private sealed class Traits(string prompt, long seed, int index)
    {
        private readonly byte[] _digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}|{index}|{prompt}"));

        public float this[int number] =>
            BinaryPrimitives.ReadUInt16LittleEndian(_digest.AsSpan(number * 2)) / (float)ushort.MaxValue;
    }
}
