namespace Leyden.Judge;

/// <summary>The twelve colours by name, told apart as eyes do: by distance in CIE L*a*b* (1976).</summary>
public static class NamedColors
{
    /// <summary>The names, in the order that <see cref="HeldOutPrompts"/> counts in.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "red",
        "orange",
        "yellow",
        "green",
        "cyan",
        "blue",
        "purple",
        "pink",
        "white",
        "black",
        "gray",
        "brown",
    ];

    private static readonly Lab[] Samples =
    [
        Lab.Of(220, 26, 31),
        Lab.Of(247, 140, 20),
        Lab.Of(250, 222, 38),
        Lab.Of(33, 161, 64),
        Lab.Of(38, 204, 217),
        Lab.Of(31, 69, 217),
        Lab.Of(128, 43, 179),
        Lab.Of(247, 128, 179),
        Lab.Of(247, 247, 247),
        Lab.Of(13, 13, 15),
        Lab.Of(128, 128, 133),
        Lab.Of(115, 69, 31),
    ];

    /// <summary>The index in <see cref="Names"/> of the colour closest to <paramref name="color"/>.</summary>
    public static int Nearest(Lab color)
    {
        var best = 0;
        for (var i = 1; i < Samples.Length; i++)
        {
            best = color.DistanceTo(Samples[i]) < color.DistanceTo(Samples[best]) ? i : best;
        }

        return best;
    }
}

/// <summary>A colour in CIE L*a*b*, white point D65.</summary>
/// <param name="L">Lightness, 0…100.</param>
/// <param name="A">Green to red.</param>
/// <param name="B">Blue to yellow.</param>
public readonly record struct Lab(float L, float A, float B)
{
    /// <summary>Of sRGB bytes (IEC 61966-2-1).</summary>
    public static Lab Of(byte red, byte green, byte blue)
    {
        var (r, g, b) = (Linear(red), Linear(green), Linear(blue));
        var x = Curve((0.4124f * r + 0.3576f * g + 0.1805f * b) / 0.9505f);
        var y = Curve(0.2126f * r + 0.7152f * g + 0.0722f * b);
        var z = Curve((0.0193f * r + 0.1192f * g + 0.9505f * b) / 1.089f);
        return new Lab(116 * y - 16, 500 * (x - y), 200 * (y - z));
    }

    /// <summary>The Euclidean distance; about 2.3 is just noticeable.</summary>
    public float DistanceTo(Lab other)
    {
        var (l, a, b) = (L - other.L, A - other.A, B - other.B);
        return MathF.Sqrt(l * l + a * a + b * b);
    }

    private static float Linear(byte value)
    {
        var v = value / 255f;
        return v <= 0.04045f ? v / 12.92f : MathF.Pow((v + 0.055f) / 1.055f, 2.4f);
    }

    private static float Curve(float t) => t > 0.008856f ? MathF.Cbrt(t) : 7.787f * t + 16f / 116;
}
