using System.Diagnostics;
using System.Globalization;
using System.Text;
using Leyden.Diffusion;

namespace Leyden.Benchmarks.Diffusion;

/// <summary>
/// The pipeline against the bare runs of its graphs, pictures a second, what a batch and guidance cost, and the process's memory over
/// many pictures of changing sizes.
/// </summary>
internal static class PipelineBenchmark
{
    /// <summary>The verb.</summary>
    public const string Verb = "pipeline";

    private const int Steps = 4;
    private const int Rounds = 7;
    private const int MostRounds = 60;
    private const int DefaultPictures = 1000;
    private const int Samples = 10;
    private const double Megabyte = 1024 * 1024;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(20);
    private static readonly int[] Sides = [512, 1024];
    private static readonly int[] MixedSides = [256, 512, 384, 640, 320];

    public static async Task<int> RunAsync(string[] options)
    {
        if (options is not [var directory, .. var rest])
        {
            Console.Error.WriteLine($"{Verb}: the directory of a model was expected");
            return 2;
        }

        var pictures = rest is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultPictures;
        var body = new StringBuilder();
        body.AppendLine(await DescribeAsync(directory));
        await AddOverheadAsync(body, directory);
        await AddBatchesAsync(body, directory);
        await AddMemoryAsync(body, directory, pictures);
        await Report.WriteAsync(
            Verb,
            "The diffusion pipeline on the CPU",
            body.ToString(),
            keep: pictures == DefaultPictures
        );
        return 0;
    }

    private static async Task<string> DescribeAsync(string directory)
    {
        var start = Stopwatch.GetTimestamp();
        await using var pipeline = SdxlPipeline.Open(directory, new PipelineOptions());
        var opened = Stopwatch.GetElapsedTime(start);
        await pipeline.WarmUpAsync(CancellationToken.None);
        var warm = Stopwatch.GetElapsedTime(start);
        await MakeAsync(pipeline, Settings(512), 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            The model "{pipeline.Model.Name}", {Steps} steps of K_EULER, without guidance unless said. In a new process its files
            are checked after {opened.TotalMilliseconds:N0} ms, its sessions open after {warm.TotalMilliseconds:N0} ms, and
            the first picture of 512 × 512 is there after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:N0} ms.

            """
        );
    }

    /// <summary>
    /// In turn and on the same sessions, so that what else the machine does meets both. Beside the ratio of two runs, which a busy machine
    /// blurs, what the pipeline does while ONNX Runtime does not work is measured within its own runs.
    /// </summary>
    private static async Task AddOverheadAsync(StringBuilder body, string directory)
    {
        body.AppendLine(
            "| size | the graphs alone, median | the pipeline, median | ratio of the fastest | ratio of processor time | outside of ONNX Runtime | whole ÷ within it | pictures a second | writing the PNG |"
        );
        body.AppendLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        var model = SdxlDirectory.Read(directory);
        using var sessions = await SdxlSessions.OpenAsync(model, new PipelineOptions());
        foreach (var side in Sides)
        {
            using var bare = new BareSessions(model, sessions, side, Steps);
            using var workspace = new Workspace();
            var rounds = new List<Round>();
            for (var round = 0; round <= Rounds; round++)
            {
                rounds.Add(
                    RunRound(
                        bare,
                        new BatchRun(model, sessions, workspace, Settings(side), new PipelineOptions()),
                        side
                    )
                );
            }

            body.AppendLine(OverheadRow(side, rounds[1..])); // the first is for warming up
        }

        body.AppendLine();
    }

    private static Round RunRound(BareSessions bare, BatchRun batch, int side)
    {
        var before = Environment.CpuUsage.TotalTime;
        var alone = bare.Run();
        var between = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        var made = batch.Generate([Request(0)], null, CancellationToken.None);
        var whole = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = Environment.CpuUsage.TotalTime;
        start = Stopwatch.GetTimestamp();
        PngWriter.Write(made[0].Image, null);
        return new Round(
            alone,
            whole,
            batch.InSessions.TotalSeconds,
            Stopwatch.GetElapsedTime(start).TotalSeconds,
            (between - before).TotalSeconds,
            (after - between).TotalSeconds
        );
    }

    private static string OverheadRow(int side, List<Round> rounds)
    {
        var (alone, whole) = (Median(rounds, r => r.Alone), Median(rounds, r => r.Whole));
        var (ratio, outside) = (
            rounds.Min(r => r.Whole) / rounds.Min(r => r.Alone),
            Median(rounds, r => r.Whole - r.InSessions)
        );
        var work = rounds.Sum(r => r.WholeWork) / rounds.Sum(r => r.AloneWork);
        var share = Median(rounds, r => r.Whole / r.InSessions);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {side} × {side} | {alone:0.000} s | {whole:0.000} s | {ratio:0.000} | {work:0.000} | {outside * 1000:0.0} ms | {share:0.000} | {1 / whole:0.00} | {Median(rounds, r => r.Png):0.000} s |"
        );
    }

    private static async Task AddBatchesAsync(StringBuilder body, string directory)
    {
        body.AppendLine("| four pictures of 512 × 512 | seconds a picture |");
        body.AppendLine("|---|--:|");
        foreach (
            var (what, perCall, guidance) in new[]
            {
                ("one a call of the UNet (the default)", 1, 0.0),
                ("four a call", 4, 0.0),
                ("one a call, with guidance", 1, 5.0),
            }
        )
        {
            await using var pipeline = SdxlPipeline.Open(directory, new PipelineOptions { PicturesPerCall = perCall });
            var seconds = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                var start = Stopwatch.GetTimestamp();
                await MakeAsync(pipeline, Settings(512) with { GuidanceScale = guidance }, 4);
                if (round > 0)
                {
                    seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / 4);
                }
            }

            body.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {Median(seconds):0.000} |");
        }

        body.AppendLine();
    }

    private static async Task AddMemoryAsync(StringBuilder body, string directory, int pictures)
    {
        body.AppendLine(
            CultureInfo.InvariantCulture,
            $"{pictures:N0} pictures with sides of {string.Join(", ", MixedSides)} pixels in turn, one after the other:"
        );
        body.AppendLine().AppendLine("| pictures | working set | managed heap |").AppendLine("|--:|--:|--:|");
        await using var pipeline = SdxlPipeline.Open(directory, new PipelineOptions());
        for (var made = 1; made <= pictures; made++)
        {
            var settings = Settings(MixedSides[made % MixedSides.Length]) with
            {
                Height = MixedSides[made / MixedSides.Length % MixedSides.Length],
            };
            var picture = await MakeAsync(pipeline, settings, 1);
            PngWriter.Write(picture[0].Image, PictureRecipe.Of(settings, Request((uint)made), pipeline.Model));
            if (made % Math.Max(pictures / Samples, 1) == 0)
            {
                using var process = Process.GetCurrentProcess();
                body.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {made:N0} | {process.WorkingSet64 / Megabyte:N0} MB | {GC.GetTotalMemory(false) / Megabyte:N0} MB |"
                );
            }
        }
    }

    private static BatchSettings Settings(int side) => new(side, side, SchedulerKind.KEuler, Steps, 0, false);

    private static PictureRequest Request(uint seed) => new("a red circle on a blue background", "", seed);

    private static Task<IReadOnlyList<GeneratedPicture>> MakeAsync(
        SdxlPipeline pipeline,
        BatchSettings settings,
        int count
    ) =>
        pipeline.GenerateAsync(
            settings,
            [.. Enumerable.Range(0, count).Select(i => Request((uint)i))],
            null,
            CancellationToken.None
        );

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double Median(List<Round> rounds, Func<Round, double> value) => Median([.. rounds.Select(value)]);

    /// <summary>Seconds, those named work of all threads together.</summary>
    private readonly record struct Round(
        double Alone,
        double Whole,
        double InSessions,
        double Png,
        double AloneWork,
        double WholeWork
    );
}
