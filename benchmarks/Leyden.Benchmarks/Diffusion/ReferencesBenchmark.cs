using System.Diagnostics;
using System.Globalization;
using System.Text;
using Leyden.Diffusion;
using Leyden.Diffusion.Tests;

namespace Leyden.Benchmarks.Diffusion;

/// <summary>Schedulers and tokenizer beside the numbers of the reference implementations, and what they cost.</summary>
internal static class ReferencesBenchmark
{
    /// <summary>Enough for the compiler to have optimized what is measured.</summary>
    private const int Repeats = 100;

    private const int LatentsOf1024 = 4 * 128 * 128;

    public static async Task<int> RunAsync()
    {
        var body = new StringBuilder();
        Schedulers(body);
        Tokenizer(body);
        await Report.WriteAsync("references", "Beside the reference implementations", body.ToString());
        return 0;
    }

    private static void Schedulers(StringBuilder body)
    {
        var runs = ReferenceRuns.Read(Data("Schedulers"));
        body.AppendLine(
            $"""
            ## Schedulers

            {runs.Count} runs of huggingface/diffusers at 1 to 25 steps (`tests/Leyden.Diffusion.Tests/Schedulers/Reference/README.md`). The largest relative
            differences; numbers under a tenth of their row's largest are measured by that tenth. Tests allow 1e-5.

            | scheduler | runs | calls | timesteps | sigmas | model's input | latents | µs a call at 1024 × 1024 |
            |---|--:|--:|--:|--:|--:|--:|--:|
            """
        );
        foreach (var name in SchedulerNames.All)
        {
            var own = runs.Where(run => run.Scheduler == name)
                .Select(run => (Run: run, Ours: ReferenceRuns.Repeat(run)))
                .ToList();
            string[] cells =
            [
                name,
                $"{own.Count}",
                $"{own.Sum(pair => pair.Run.Timesteps.Length)}",
                Largest(own.Max(pair => pair.Ours.Timesteps)),
                own[0].Run.Sigmas is null ? "none" : Largest(own.Max(pair => pair.Ours.Sigmas)),
                Largest(own.Max(pair => pair.Ours.Model)),
                Largest(own.Max(pair => pair.Ours.Latents)),
                $"{MicrosecondsPerCall(SchedulerNames.Parse(name)):f0}",
            ];
            body.AppendLine($"| {string.Join(" | ", cells)} |");
        }

        SideBySide(body, runs);
    }

    private static void SideBySide(StringBuilder body, IReadOnlyList<ReferenceRun> runs)
    {
        body.AppendLine(
            """

            The first three latents after 4 steps, trailing, epsilon:

            | scheduler | reference | ours |
            |---|---|---|
            """
        );
        foreach (var run in runs.Where(run => run.Steps == 4 && run.Config.IsPlain("trailing", "epsilon")))
        {
            body.AppendLine(
                $"| {run.Scheduler} | {Numbers(run.Latents[^1])} | {Numbers(ReferenceRuns.Repeat(run).End)} |"
            );
        }

        static string Numbers(IReadOnlyList<float> latents) =>
            string.Join(", ", latents.Take(3).Select(value => value.ToString("r", CultureInfo.InvariantCulture)));
    }

    private static void Tokenizer(StringBuilder body)
    {
        using var files = new ClipVocabulary(Data("Tokens"));
        var watch = Stopwatch.StartNew();
        var tokenizer = ClipTokenizer.Load(files.Folder);
        var cold = watch.Elapsed;
        watch.Restart();
        ClipTokenizer.Load(files.Folder);
        var warm = watch.Elapsed;
        var texts = files.Texts();
        var equal = texts.Count(text => tokenizer.Encode(text.Text).SequenceEqual(text.Ids));
        body.AppendLine(
            $"""

            ## Tokenizer

            {texts.Count:n0} texts of every script with the ids of openai/CLIP (`tests/Leyden.Diffusion.Tests/Tokens/Reference/README.md`).

            | | |
            |---|--:|
            | texts with the same ids | {equal:n0} of {texts.Count:n0} |
            | ids in them | {texts.Sum(text => text.Ids.Length):n0} |
            | loading CLIP's vocabulary, the first time | {cold.TotalMilliseconds:f0} ms |
            | again | {warm.TotalMilliseconds:f0} ms |
            | a prompt of 60 words | {MillisecondsFor(tokenizer, Words(60)):f2} ms |
            | 10,000 characters of words | {MillisecondsFor(tokenizer, Words(2700)[..10_000]):f1} ms |
            | 10,000 letters without a blank | {MillisecondsFor(tokenizer, new string('a', 10_000)):f1} ms |
            | 100,000 letters without a blank | {MillisecondsFor(tokenizer, new string('a', 100_000)):f1} ms |
            """
        );
    }

    private static double MicrosecondsPerCall(SchedulerKind kind)
    {
        var (latents, scaled) = (new float[LatentsOf1024], new float[LatentsOf1024]);
        var noise = new NormalNoise(1);
        var best = double.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            noise.Fill(0, latents);
            var scheduler = Scheduler.Create(kind, new SchedulerConfig(), 10);
            var watch = Stopwatch.StartNew();
            for (var call = 0; call < scheduler.CallCount; call++)
            {
                scheduler.ScaleInput(call, latents, scaled);
                scheduler.Step(call, scaled, latents, noise);
            }

            best = Math.Min(best, watch.Elapsed.TotalMicroseconds / scheduler.CallCount);
        }

        return best;
    }

    private static double MillisecondsFor(ClipTokenizer tokenizer, string text)
    {
        var best = double.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var watch = Stopwatch.StartNew();
            tokenizer.Tokenize(text);
            best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
        }

        return best;
    }

    private static string Words(int count) =>
        string.Concat(Enumerable.Repeat("a painting of an owl in the golden hour, ", (count / 9) + 1));

    private static string Largest(double difference) =>
        difference == 0 ? "0" : difference.ToString("0.0e-0", CultureInfo.InvariantCulture);

    private static string Data(string part) =>
        Path.Combine(Report.Repository(), "tests", "Leyden.Diffusion.Tests", part, "Reference");
}
