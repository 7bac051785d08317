namespace Leyden.Judge;

/// <summary>
/// Outlines of the ten shapes in several proportions, drawn from their definitions in geometry, and the comparison of a region with
/// them: both brought to the same area and middle, then the area that they share over the area that either covers.
/// </summary>
public static class ShapeTemplates
{
    /// <summary>The names, in the order that <see cref="HeldOutPrompts"/> counts in.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "circle",
        "square",
        "triangle",
        "star",
        "ring",
        "diamond",
        "cross",
        "heart",
        "hexagon",
        "crescent",
    ];

    /// <summary>Cells on a side of the grid that regions are compared on.</summary>
    public const int Side = 96;

    /// <summary>Half the grid's side, in square roots of the region's area.</summary>
    public const double Reach = 1.4;

    private static readonly Lazy<IReadOnlyList<(int Shape, bool[] Cells)>> Templates = new(() =>
        [.. Outlines().Select(o => (Names.ToList().IndexOf(o.Name), Normalized(o.Contains)))]
    );

    /// <summary>The shape that a region looks most like.</summary>
    /// <param name="region">Cells of the grid, from <see cref="Normalized"/>.</param>
    /// <returns>The index in <see cref="Names"/>, and the shared area over the joint area, 0…1.</returns>
    public static (int Shape, double Likeness) Match(bool[] region) =>
        Templates.Value.Select(t => (t.Shape, Likeness(region, t.Cells))).MaxBy(t => t.Item2);

    /// <summary>Samples a region on the grid with its middle in the middle and an area of one.</summary>
    /// <param name="contains">Whether a point within [-2, 2]² belongs to the region.</param>
    public static bool[] Normalized(Func<double, double, bool> contains)
    {
        const int fine = 400;
        var (count, sumX, sumY) = (0, 0.0, 0.0);
        for (var i = 0; i < fine * fine; i++)
        {
            var (x, y) = (At(i % fine, fine, 2), At(i / fine, fine, 2));
            if (contains(x, y))
            {
                (count, sumX, sumY) = (count + 1, sumX + x, sumY + y);
            }
        }

        var (middleX, middleY) = (sumX / count, sumY / count);
        var scale = Math.Sqrt(count * Math.Pow(4.0 / fine, 2));
        return Sampled((x, y) => contains(middleX + x * scale, middleY + y * scale));
    }

    /// <summary>Samples a region that is already scaled.</summary>
    public static bool[] Sampled(Func<double, double, bool> contains)
    {
        var cells = new bool[Side * Side];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = contains(At(i % Side, Side, Reach), At(i / Side, Side, Reach));
        }

        return cells;
    }

    private static double At(int cell, int cells, double reach) => ((cell + 0.5) / cells * 2 - 1) * reach;

    private static double Likeness(bool[] one, bool[] other)
    {
        var (both, either) = (0, 0);
        for (var i = 0; i < one.Length; i++)
        {
            both += one[i] && other[i] ? 1 : 0;
            either += one[i] || other[i] ? 1 : 0;
        }

        return (double)both / either;
    }

    private static IEnumerable<(string Name, Func<double, double, bool> Contains)> Outlines()
    {
        yield return ("circle", (x, y) => x * x + y * y < 1);
        yield return ("square", (x, y) => Math.Abs(x) < 0.9 && Math.Abs(y) < 0.9);
        yield return ("triangle", Polygon(3, 1.1, 1.1));
        foreach (var aspect in new[] { 0.65, 0.75, 1.0 })
        {
            yield return ("diamond", (x, y) => Math.Abs(x) / aspect + Math.Abs(y) < 1.1);
        }

        yield return ("hexagon", Polygon(6, 1, 1));
        yield return ("hexagon", Polygon(6, 1, 1, Math.PI / 6));
        foreach (var inner in new[] { 0.38, 0.42, 0.48 })
        {
            yield return ("star", Polygon(10, 1.1, 1.1 * inner));
        }

        foreach (var hole in new[] { 0.4, 0.5, 0.6 })
        {
            yield return ("ring", (x, y) => x * x + y * y is var r && r < 1 && r > hole * hole);
        }

        foreach (var arm in new[] { 0.28, 0.34, 0.4 })
        {
            yield return (
                "cross",
                (x, y) => Math.Max(Math.Abs(x), Math.Abs(y)) < 1 && Math.Min(Math.Abs(x), Math.Abs(y)) < arm
            );
        }

        foreach (var tall in new[] { 0.9, 1.0, 1.1 })
        {
            // (x² + y² − 1)³ < x² y³, the heart curve of degree six
            yield return ("heart", (x, y) => Heart(x * 1.2, -y / tall * 1.2 + 0.1));
        }

        foreach (var (shift, radius) in new[] { (0.4, 0.8), (0.5, 0.8), (0.6, 0.85), (0.35, 0.85) })
        {
            yield return ("crescent", (x, y) => x * x + y * y < 1 && Math.Pow(x - shift, 2) + y * y > radius * radius);
        }
    }

    private static bool Heart(double x, double y) => Math.Pow(x * x + y * y - 1, 3) < x * x * y * y * y;

    // Corners at two radii in turn; a point is inside when it is on the inner side of the edge in its own sector.
    private static Func<double, double, bool> Polygon(int corners, double even, double odd, double turn = 0) =>
        (x, y) =>
        {
            var sector = 2 * Math.PI / corners;
            var angle = Math.Atan2(x, -y) - turn;
            angle = angle < 0 ? angle + 2 * Math.PI : angle;
            angle = angle < 0 ? angle + 2 * Math.PI : angle;
            var k = Math.Min((int)(angle / sector), corners - 1);
            var (a, b) = k % 2 == 0 ? (even, odd) : (odd, even);
            var (ax, ay) = (a * Math.Sin(k * sector), a * Math.Cos(k * sector));
            var (bx, by) = (b * Math.Sin((k + 1) * sector), b * Math.Cos((k + 1) * sector));
            var r = Math.Sqrt(x * x + y * y);
            var (px, py) = (r * Math.Sin(angle), r * Math.Cos(angle));
            return (bx - ax) * (py - ay) - (by - ay) * (px - ax) < 0;
        };
}
