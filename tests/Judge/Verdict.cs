namespace Leyden.Judge;

/// <summary>How a picture fits what was asked for.</summary>
/// <param name="Color">Every object has its colour.</param>
/// <param name="Background">The background has its colour.</param>
/// <param name="Place">Every object is where it should be, and there are no others.</param>
/// <param name="Shape">Every object has its shape.</param>
public sealed record Verdict(bool Color, bool Background, bool Place, bool Shape)
{
    private const double Aside = 0.22; // of half the picture: farther from the middle is left, right, top or bottom

    /// <summary>Compares a picture with what was asked for.</summary>
    public static Verdict Of(AskedPicture asked, SeenPicture seen)
    {
        var background = seen.Background == asked.Background;
        var large = seen.Objects.Where(o => o.Area > 0.15 * seen.Objects[0].Area).ToList();
        if (large.Count != asked.Objects.Count)
        {
            return new Verdict(false, background, false, false);
        }

        var inOrder = asked.Objects.Count == 1 ? large : Ordered(asked, large);
        var pairs = asked.Objects.Zip(inOrder).ToList();
        return new Verdict(
            pairs.All(p => p.First.Color == p.Second.Color),
            background,
            pairs.All(p => IsAt(p.First.Across, p.Second.X) && IsAt(p.First.Down, p.Second.Y))
                && (asked.Objects.Count == 1 || AreApart(asked, inOrder)),
            pairs.All(p => p.First.Shape == p.Second.Shape)
        );
    }

    private static List<SeenObject> Ordered(AskedPicture asked, List<SeenObject> objects) =>
        [.. objects.OrderBy(o => -(asked.Across * o.X + asked.Down * o.Y))];

    private static bool AreApart(AskedPicture asked, List<SeenObject> objects)
    {
        var (across, down) = (objects[0].X - objects[1].X, objects[0].Y - objects[1].Y);
        return asked.Across != 0 ? Math.Abs(across) > Math.Abs(down) : Math.Abs(down) > Math.Abs(across);
    }

    private static bool IsAt(int? asked, double at) =>
        asked is null
        || asked
            == (
                at < -Aside ? -1
                : at > Aside ? 1
                : 0
            );
}
