using System.IO.Compression;
using System.Text.Json;

namespace Leyden.Diffusion.Tests;

/// <summary>Runs of the reference's schedulers over a fixed model, and ours beside them. <c>Reference/README.md</c> says how they were made.</summary>
internal static class ReferenceRuns
{
    /// <summary>Numbers of a run's latents.</summary>
    public const int Latents = 8;

    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web);

    /// <summary>Reads the runs.</summary>
    /// <param name="folder">The folder that holds <c>reference.json.gz</c>.</param>
    public static IReadOnlyList<ReferenceRun> Read(string folder)
    {
        using var file = File.OpenRead(Path.Combine(folder, "reference.json.gz"));
        using var json = new GZipStream(file, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<ReferenceFile>(json, _options)!.Cases;
    }

    /// <summary>Makes the same run with our scheduler, and tells how far it is from the reference.</summary>
    /// <exception cref="InvalidOperationException">The number of calls or draws is another.</exception>
    public static ReferenceDifferences Repeat(ReferenceRun run)
    {
        var scheduler = Scheduler.Create(SchedulerNames.Parse(run.Scheduler), run.Config.ToConfig(), run.Steps);
        if (scheduler.CallCount != run.Timesteps.Length)
        {
            throw new InvalidOperationException($"{run}: {scheduler.CallCount} calls, not {run.Timesteps.Length}.");
        }

        var noise = new CosineNoise();
        float[] latents = [.. CosineNoise.Draw(0).Select(value => value * scheduler.InitialNoiseSigma)];
        var scaled = new float[Latents];
        var (ofModel, ofLatents) = (0.0, 0.0);
        for (var call = 0; call < scheduler.CallCount; call++)
        {
            scheduler.ScaleInput(call, latents, scaled);
            ofModel = Math.Max(ofModel, Difference(run.Model[call], Model(scaled, scheduler.TimestepOf(call))));
            scheduler.Step(call, run.Model[call], latents, noise);
            ofLatents = Math.Max(ofLatents, Difference(run.Latents[call], latents));
        }

        if (noise.Draws != run.NoiseDraws)
        {
            throw new InvalidOperationException($"{run}: {noise.Draws} draws, not {run.NoiseDraws}.");
        }

        float[] timesteps = [.. Enumerable.Range(0, scheduler.CallCount).Select(scheduler.TimestepOf)];
        return new ReferenceDifferences(
            Difference(run.Timesteps, timesteps),
            Difference([run.InitialNoiseSigma], [scheduler.InitialNoiseSigma]),
            run.Sigmas is null ? 0 : Difference(Levels(run.Sigmas), Levels(SigmasOf(scheduler))),
            ofModel,
            ofLatents,
            latents
        );
    }

    /// <summary>The fixed model: 0.6·tanh(x) + 0.25·sin(2·x + t/137).</summary>
    public static float[] Model(IEnumerable<float> input, float timestep) =>
        [.. input.Select(x => (0.6f * MathF.Tanh(x)) + (0.25f * MathF.Sin((2 * x) + (float)(timestep / 137.0))))];

    /// <summary>
    /// The largest difference of two rows, relative to the expected number, or to a tenth of the row's largest where that is more: what is
    /// left of two large numbers has no more digits in single precision.
    /// </summary>
    public static double Difference(IReadOnlyList<float> expected, IReadOnlyList<float> actual)
    {
        var least = Math.Max(expected.Max(Math.Abs) / 10, float.Epsilon);
        return expected.Zip(actual, (e, a) => Math.Abs((double)a - e) / Math.Max(Math.Abs(e), least)).Max();
    }

    private static IReadOnlyList<float> SigmasOf(IScheduler scheduler) =>
        scheduler is SigmaRun run ? run.Sigmas : ((DpmSolverMultistep)scheduler).Sigmas;

    /// <summary>The levels once each: the reference repeats those at which it calls the model twice.</summary>
    private static List<float> Levels(IReadOnlyList<float> sigmas) =>
        [.. sigmas.Where((sigma, i) => i == 0 || sigma != sigmas[i - 1])];

    private sealed record ReferenceFile(string About, IReadOnlyList<ReferenceRun> Cases);
}

/// <summary>The largest relative differences of a run from the reference's, and the latents at its end.</summary>
internal sealed record ReferenceDifferences(
    double Timesteps,
    double InitialNoiseSigma,
    double Sigmas,
    double Model,
    double Latents,
    IReadOnlyList<float> End
);

/// <summary>The draws of the reference runs: number i of draw k is 1.3·sin(1.7·i + 0.3·k) + 0.6·cos(0.37·i·(k+1)).</summary>
internal sealed class CosineNoise : INoiseSource
{
    /// <summary>How many draws were asked for.</summary>
    public int Draws { get; private set; }

    public static float[] Draw(int draw) =>
        [
            .. Enumerable
                .Range(0, ReferenceRuns.Latents)
                .Select(i =>
                    (float)((1.3 * Math.Sin((1.7 * i) + (0.3 * draw))) + (0.6 * Math.Cos(0.37 * i * (draw + 1))))
                ),
        ];

    public void Fill(int draw, Span<float> destination)
    {
        if (draw != ++Draws)
        {
            throw new InvalidOperationException($"Draw {draw} was asked for as number {Draws}.");
        }

        Draw(draw).CopyTo(destination);
    }
}
