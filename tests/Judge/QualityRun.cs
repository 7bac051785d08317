using Leyden.Diffusion;

namespace Leyden.Judge;

/// <summary>How many of a set of prompts a model draws right.</summary>
/// <param name="Color">The share of pictures whose objects have their colours, 0…1.</param>
/// <param name="Background">The share of pictures with the right background.</param>
/// <param name="Place">The share of pictures with the right objects in the right places.</param>
/// <param name="Shape">The share of pictures whose objects have their shapes.</param>
/// <param name="Mistakes">What was seen instead, a line for each picture with a fault.</param>
public sealed record QualityReport(
    double Color,
    double Background,
    double Place,
    double Shape,
    IReadOnlyList<string> Mistakes
);

/// <summary>Draws prompts and judges the pictures.</summary>
public static class QualityRun
{
    /// <summary>Draws each prompt once, each with a seed of its own, and counts what is right.</summary>
    public static async Task<QualityReport> JudgeAsync(
        ITextToImage model,
        IReadOnlyList<AskedPicture> prompts,
        BatchSettings settings,
        CancellationToken cancellationToken
    )
    {
        var verdicts = new List<Verdict>();
        var mistakes = new List<string>();
        foreach (var asked in prompts)
        {
            var request = new PictureRequest(asked.Prompt, "worst quality, low quality", (uint)verdicts.Count);
            var pictures = await model.GenerateAsync(settings, [request], null, cancellationToken);
            var seen = PictureJudge.Look(pictures[0].Image);
            var verdict = Verdict.Of(asked, seen);
            verdicts.Add(verdict);
            if (verdict != new Verdict(true, true, true, true))
            {
                mistakes.Add($"{asked.Prompt} (seed {request.Seed}): {Text(verdict)}; seen: {Text(seen)}");
            }
        }

        double Share(Func<Verdict, bool> right) => (double)verdicts.Count(right) / verdicts.Count;
        return new QualityReport(
            Share(v => v.Color),
            Share(v => v.Background),
            Share(v => v.Place),
            Share(v => v.Shape),
            mistakes
        );
    }

    private static string Text(Verdict verdict) =>
        "wrong "
        + string.Join(
            ", ",
            new[]
            {
                verdict.Color ? null : "color",
                verdict.Background ? null : "background",
                verdict.Place ? null : "place",
                verdict.Shape ? null : "shape",
            }.Where(word => word is not null)
        );

    private static string Text(SeenPicture seen) =>
        string.Join(", ", seen.Objects.Select(o => $"{o.Color} {o.Shape} at {o.X:0.00} {o.Y:0.00}"))
        + $" on {seen.Background}";
}
