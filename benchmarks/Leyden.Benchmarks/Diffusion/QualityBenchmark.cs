using System.Globalization;
using System.Text;
using Leyden.Diffusion;
using Leyden.Judge;

namespace Leyden.Benchmarks.Diffusion;

/// <summary>How much of what it is asked for the built-in model draws, judged by the pixels; and a sheet of its pictures.</summary>
internal static class QualityBenchmark
{
    public const string Verb = "built-in-model";

    private const int Prompts = 210;

    private static readonly (SchedulerKind Scheduler, int Steps)[] Runs =
    [
        (SchedulerKind.KEuler, 4),
        (SchedulerKind.KEuler, 1),
        (SchedulerKind.KEuler, 2),
        (SchedulerKind.KEuler, 8),
        (SchedulerKind.Ddim, 4),
        (SchedulerKind.DpmSolverMultistep, 6),
        (SchedulerKind.HeunDiscrete, 4),
        (SchedulerKind.KarrasDpm, 8),
        (SchedulerKind.KEulerAncestral, 6),
        (SchedulerKind.Pndm, 8),
        (SchedulerKind.DpmPlusPlus2MSde, 8),
    ];

    private static readonly (int Width, int Height)[] Sizes =
    [
        (256, 256),
        (512, 512),
        (1280, 1280),
        (1280, 720),
        (640, 1152),
    ];

    public static async Task<int> RunAsync(string[] options)
    {
        var directory = options.FirstOrDefault() ?? Path.Combine(Report.Repository(), "models", "shapes");
        await using var model = SdxlPipeline.Open(directory, new PipelineOptions());
        var prompts = HeldOutPrompts.Draw(Prompts);
        var body = new StringBuilder();
        body.AppendLine(
            $"""
            {Prompts} prompts whose combinations of shape, colour and background were kept from training, a third of them with two objects. A picture counts
            where all of its objects are right. At 1024 × 1024, guidance 0:

            | scheduler | steps | colour | background | place | shape |
            |---|--:|--:|--:|--:|--:|
            """
        );
        var mistakes = new List<string>();
        foreach (var (scheduler, steps) in Runs)
        {
            var report = await JudgeAsync(model, prompts, 1024, 1024, scheduler, steps);
            body.AppendLine($"| {SchedulerNames.NameOf(scheduler)} | {steps} | {Shares(report)} |");
            mistakes = mistakes.Count == 0 ? [.. report.Mistakes] : mistakes;
        }

        body.AppendLine("\nK_EULER, 4 steps, in other sizes, a third of the prompts:\n");
        body.AppendLine("| size | colour | background | place | shape |\n|---|--:|--:|--:|--:|");
        foreach (var (width, height) in Sizes)
        {
            var third = prompts.Take(Prompts / 3).ToList();
            var report = await JudgeAsync(model, third, width, height, SchedulerKind.KEuler, 4);
            body.AppendLine($"| {width} × {height} | {Shares(report)} |");
        }

        Console.WriteLine("Wrong at the defaults:");
        mistakes.ForEach(Console.WriteLine);
        await ContactSheet.WriteAsync(model, Path.Combine(Report.Repository(), "docs", "built-in-model.png"));
        await Report.WriteAsync(Verb, "What the built-in model draws", body.ToString(), keep: options.Length == 0);
        return 0;
    }

    private static Task<QualityReport> JudgeAsync(
        SdxlPipeline model,
        IReadOnlyList<AskedPicture> prompts,
        int width,
        int height,
        SchedulerKind scheduler,
        int steps
    ) =>
        QualityRun.JudgeAsync(
            model,
            prompts,
            new BatchSettings(width, height, scheduler, steps, GuidanceScale: 0, CheckSafety: false),
            CancellationToken.None
        );

    private static string Shares(QualityReport report) =>
        string.Join(
            " | ",
            new[] { report.Color, report.Background, report.Place, report.Shape }.Select(share =>
                share.ToString("P1", CultureInfo.InvariantCulture)
            )
        );
}
