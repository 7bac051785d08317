namespace Leyden.Judge;

/// <summary>What a prompt asks for.</summary>
/// <param name="Prompt">The words.</param>
/// <param name="Background">The background's colour.</param>
/// <param name="Objects">The objects in the order of the words.</param>
/// <param name="Across">-1 when the first of two objects is asked to be left of the second, 1 for right, 0 when it does not say.</param>
/// <param name="Down">-1 when the first of two objects is asked to be above the second, 1 for below, 0 when it does not say.</param>
public sealed record AskedPicture(
    string Prompt,
    string Background,
    IReadOnlyList<AskedObject> Objects,
    int Across = 0,
    int Down = 0
);

/// <summary>An object that a prompt asks for.</summary>
/// <param name="Color">Its colour.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Across">-1 left, 0 middle, 1 right; null when the prompt does not say.</param>
/// <param name="Down">-1 top, 0 middle, 1 bottom; null when the prompt does not say.</param>
public sealed record AskedObject(string Color, string Shape, int? Across, int? Down);

/// <summary>
/// Prompts whose combinations of shape, colour and background the training never drew: by the places of the words in the lists of shapes
/// and colours, shape + 3 · colour + 7 · background is a multiple of eleven.
/// </summary>
public static class HeldOutPrompts
{
    private static readonly (string Words, int? Across, int? Down)[] Places =
    [
        ("", null, null),
        ("", null, null),
        (" in the center", 0, 0),
        (" on the left", -1, 0),
        (" on the right", 1, 0),
        (" at the top", 0, -1),
        (" at the bottom", 0, 1),
        (" in the top left corner", -1, -1),
        (" in the bottom right corner", 1, 1),
    ];

    private static readonly string[] Sizes = ["", "", "small ", "big "];
    private static readonly string[] Backgrounds = [" on a {0} background", " on {0}", ", {0} background"];

    private static readonly (string Words, int Across, int Down)[] Relations =
    [
        (" left of ", -1, 0),
        (" and ", -1, 0),
        (" to the right of ", 1, 0),
        (" above ", 0, -1),
        (" below ", 0, 1),
    ];

    /// <summary>The same prompts for the same count; every third has two objects.</summary>
    public static IReadOnlyList<AskedPicture> Draw(int count)
    {
#pragma warning disable RS0030 // The same prompts every time are what is wanted.
        var random = new Random(20_260);
#pragma warning restore RS0030
        return [.. Enumerable.Range(0, count).Select(i => i % 3 == 2 ? Two(random) : One(random))];
    }

    private static AskedPicture One(Random random)
    {
        var (shape, color, background) = Combination(random, null);
        var (place, across, down) = Pick(random, Places);
        var words = WithArticle($"{Pick(random, Sizes)}{color} {shape}");
        return new AskedPicture(
            words + place + On(random, background),
            background,
            [new AskedObject(color, shape, across, down)]
        );
    }

    private static AskedPicture Two(Random random)
    {
        var (shape, color, background) = Combination(random, null);
        var (otherShape, otherColor, _) = Combination(random, background, color);
        var (relation, across, down) = Pick(random, Relations);
        return new AskedPicture(
            $"{WithArticle($"{color} {shape}")}{relation}{WithArticle($"{otherColor} {otherShape}")}{On(random, background)}",
            background,
            [new AskedObject(color, shape, null, null), new AskedObject(otherColor, otherShape, null, null)],
            across,
            down
        );
    }

    private static (string Shape, string Color, string Background) Combination(
        Random random,
        string? background,
        string? notColor = null
    )
    {
        while (true)
        {
            var shape = random.Next(ShapeTemplates.Names.Count);
            var color = random.Next(NamedColors.Names.Count);
            var behind = background is null
                ? random.Next(NamedColors.Names.Count)
                : NamedColors.Names.ToList().IndexOf(background);
            var isHeldOut = (shape + 3 * color + 7 * behind) % 11 == 0;
            if (isHeldOut && color != behind && NamedColors.Names[color] != notColor)
            {
                return (ShapeTemplates.Names[shape], NamedColors.Names[color], NamedColors.Names[behind]);
            }
        }
    }

    private static string On(Random random, string background)
    {
        var words = string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            Pick(random, Backgrounds),
            background
        );
        return words.Replace("a orange", "an orange", StringComparison.Ordinal);
    }

    private static string WithArticle(string words) =>
        ("aeiou".Contains(words[0], StringComparison.Ordinal) ? "an " : "a ") + words;

    private static T Pick<T>(Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
