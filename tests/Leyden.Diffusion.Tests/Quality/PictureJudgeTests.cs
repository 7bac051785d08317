using Leyden.Judge;

namespace Leyden.Diffusion.Tests.Quality;

/// <summary>That the judge of the built-in model's pictures can be trusted: it names what was painted by hand, and what is wrong.</summary>
public sealed class PictureJudgeTests
{
    private static readonly AskedPicture Circle = new(
        "a red circle on the left, blue background",
        "blue",
        [new AskedObject("red", "circle", -1, 0)]
    );

    [Fact]
    public void Names_what_was_painted()
    {
        var seen = PictureJudge.Look(Paint((31, 69, 217), (-0.5, 0.0, 0.3, (220, 26, 31))));

        var only = Assert.Single(seen.Objects);
        Assert.Equal(("blue", "red", "circle"), (seen.Background, only.Color, only.Shape));
        Assert.InRange(only.X, -0.52, -0.48);
        Assert.Equal(new Verdict(true, true, true, true), Verdict.Of(Circle, seen));
    }

    [Fact]
    public void Tells_each_mistake_apart()
    {
        var elsewhere = PictureJudge.Look(Paint((31, 69, 217), (0.5, 0.0, 0.3, (220, 26, 31))));
        var green = PictureJudge.Look(Paint((31, 69, 217), (-0.5, 0.0, 0.3, (33, 161, 64))));
        var white = PictureJudge.Look(Paint((247, 247, 247), (-0.5, 0.0, 0.3, (220, 26, 31))));
        var two = PictureJudge.Look(
            Paint((31, 69, 217), (-0.5, 0.0, 0.3, (220, 26, 31)), (0.5, 0.0, 0.3, (220, 26, 31)))
        );
        var square = PictureJudge.Look(Paint((31, 69, 217), round: false, (-0.5, 0.0, 0.3, (220, 26, 31))));

        Assert.Equal(new Verdict(true, true, false, true), Verdict.Of(Circle, elsewhere));
        Assert.Equal(new Verdict(false, true, true, true), Verdict.Of(Circle, green));
        Assert.Equal(new Verdict(true, false, true, true), Verdict.Of(Circle, white));
        Assert.Equal(new Verdict(false, true, false, false), Verdict.Of(Circle, two));
        Assert.Equal(new Verdict(true, true, true, false), Verdict.Of(Circle, square));
    }

    [Fact]
    public void Held_out_prompts_are_many_and_always_the_same()
    {
        var prompts = HeldOutPrompts.Draw(300);

        Assert.Equal(prompts.Select(p => p.Prompt), HeldOutPrompts.Draw(300).Select(p => p.Prompt));
        Assert.InRange(prompts.Select(p => p.Prompt).Distinct().Count(), 250, 300);
        Assert.All(ShapeTemplates.Names, shape => Assert.Contains(prompts, p => p.Objects.Any(o => o.Shape == shape)));
        Assert.All(NamedColors.Names, color => Assert.Contains(prompts, p => p.Background == color));
    }

    private static RgbImage Paint(
        (byte, byte, byte) background,
        params (double X, double Y, double Radius, (byte, byte, byte) Color)[] objects
    ) => Paint(background, round: true, objects);

    private static RgbImage Paint(
        (byte R, byte G, byte B) background,
        bool round,
        params (double X, double Y, double Radius, (byte R, byte G, byte B) Color)[] objects
    )
    {
        const int side = 400;
        var rgb = new byte[3 * side * side];
        for (var i = 0; i < side * side; i++)
        {
            var (x, y) = ((i % side + 0.5) / side * 2 - 1, (i / side + 0.5) / side * 2 - 1);
            var color = background;
            foreach (var o in objects)
            {
                var (dx, dy) = (x - o.X, y - o.Y);
                var distance = round ? Math.Sqrt(dx * dx + dy * dy) : Math.Max(Math.Abs(dx), Math.Abs(dy));
                color = distance < o.Radius ? o.Color : color;
            }

            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = color;
        }

        return new RgbImage(side, side, rgb);
    }
}
