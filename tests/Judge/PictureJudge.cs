using Leyden.Diffusion;

namespace Leyden.Judge;

/// <summary>What a picture shows.</summary>
/// <param name="Background">The name of the border's colour.</param>
/// <param name="Objects">The objects, the largest first.</param>
public sealed record SeenPicture(string Background, IReadOnlyList<SeenObject> Objects);

/// <summary>One object of a picture.</summary>
/// <param name="Color">The name of its colour.</param>
/// <param name="Shape">The shape that it looks most like.</param>
/// <param name="Likeness">How much it looks like it, 0…1.</param>
/// <param name="X">Its middle from -1 at the left border to 1 at the right.</param>
/// <param name="Y">Its middle from -1 at the upper border to 1 at the lower.</param>
/// <param name="Area">Its share of the picture, 0…1.</param>
public sealed record SeenObject(string Color, string Shape, double Likeness, double X, double Y, double Area);

/// <summary>
/// Tells what a picture of coloured shapes shows from its pixels alone: the background by the border, objects as connected regions of
/// one colour, their shapes by contour. Knows nothing of the model or of how it was trained.
/// </summary>
public static class PictureJudge
{
    private const int WorkingSide = 320;
    private const float Foreground = 12; // in L*a*b*, from the background's colour
    private const double SmallestArea = 0.002;

    /// <summary>Looks at a picture.</summary>
    public static SeenPicture Look(RgbImage picture)
    {
        var (width, height, pixels) = Reduced(picture);
        var background = Median([.. BorderOf(width, height).Select(i => pixels[i])]);
        var names = new int[pixels.Length]; // of the colour; -1 for background
        for (var i = 0; i < pixels.Length; i++)
        {
            names[i] = pixels[i].DistanceTo(background) < Foreground ? -1 : NamedColors.Nearest(pixels[i]);
        }

        var objects = Regions(names, width, height)
            .Where(r => r.Count > SmallestArea * pixels.Length)
            .OrderByDescending(r => r.Count)
            .Select(r => Describe(r, names, width, height))
            .ToList();
        return new SeenPicture(NamedColors.Names[NamedColors.Nearest(background)], objects);
    }

    private static (int Width, int Height, Lab[] Pixels) Reduced(RgbImage picture)
    {
        var block = Math.Max(1, Math.Min(picture.Width, picture.Height) / WorkingSide);
        var (width, height) = (picture.Width / block, picture.Height / block);
        var pixels = new Lab[width * height];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x0, y0) = (i % width * block, i / width * block);
            var (r, g, b) = (0, 0, 0);
            for (var y = y0; y < y0 + block; y++)
            {
                for (var x = x0; x < x0 + block; x++)
                {
                    var at = 3 * (y * picture.Width + x);
                    (r, g, b) = (r + picture.Rgb[at], g + picture.Rgb[at + 1], b + picture.Rgb[at + 2]);
                }
            }

            var n = block * block;
            pixels[i] = Lab.Of((byte)(r / n), (byte)(g / n), (byte)(b / n));
        }

        return (width, height, pixels);
    }

    private static IEnumerable<int> BorderOf(int width, int height)
    {
        for (var x = 0; x < width; x++)
        {
            yield return x;
            yield return (height - 1) * width + x;
        }

        for (var y = 1; y < height - 1; y++)
        {
            yield return y * width;
            yield return y * width + width - 1;
        }
    }

    private static Lab Median(IReadOnlyList<Lab> colors)
    {
        float Of(Func<Lab, float> part) => colors.Select(part).Order().ElementAt(colors.Count / 2);
        return new Lab(Of(c => c.L), Of(c => c.A), Of(c => c.B));
    }

    private static IEnumerable<List<int>> Regions(int[] names, int width, int height)
    {
        var seen = new bool[names.Length];
        for (var start = 0; start < names.Length; start++)
        {
            if (names[start] < 0 || seen[start])
            {
                continue;
            }

            var region = new List<int> { start };
            seen[start] = true;
            for (var next = 0; next < region.Count; next++)
            {
                foreach (var neighbor in Neighbors(region[next], width, height))
                {
                    if (!seen[neighbor] && names[neighbor] == names[start])
                    {
                        seen[neighbor] = true;
                        region.Add(neighbor);
                    }
                }
            }

            yield return region;
        }
    }

    private static IEnumerable<int> Neighbors(int at, int width, int height)
    {
        var (x, y) = (at % width, at / width);
        if (x > 0)
        {
            yield return at - 1;
        }

        if (x < width - 1)
        {
            yield return at + 1;
        }

        if (y > 0)
        {
            yield return at - width;
        }

        if (y < height - 1)
        {
            yield return at + width;
        }
    }

    private static SeenObject Describe(List<int> region, int[] names, int width, int height)
    {
        var (x, y) = (region.Average(i => i % width + 0.5), region.Average(i => i / width + 0.5));
        var scale = Math.Sqrt(region.Count);
        var cells = new HashSet<int>(region);
        var (shape, likeness) = ShapeTemplates.Match(
            ShapeTemplates.Sampled(
                (dx, dy) =>
                {
                    var (px, py) = ((int)Math.Floor(x + dx * scale), (int)Math.Floor(y + dy * scale));
                    return px >= 0 && px < width && py >= 0 && py < height && cells.Contains(py * width + px);
                }
            )
        );
        return new SeenObject(
            NamedColors.Names[names[region[0]]],
            ShapeTemplates.Names[shape],
            likeness,
            x / width * 2 - 1,
            y / height * 2 - 1,
            (double)region.Count / names.Length
        );
    }
}
