namespace Leyden.Backends;

/// <summary>What recent runs took at one backend, by model and workload: from it comes the moment of the first look.</summary>
public sealed record RunTimes
{
    private const int KeptSamples = 24;
    private const int KeptWorkloads = 64;
    private const double Quantile = 0.85;

    /// <summary>No run known.</summary>
    public static RunTimes Empty { get; } = new();

    /// <summary>Seconds of the most recent runs, the youngest last, by <c>model workload</c>, the longest unused first.</summary>
    public IReadOnlyList<WorkloadSamples> Workloads { get; init; } = [];

    /// <summary>With one more run; the oldest are forgotten.</summary>
    public RunTimes With(RunSample run)
    {
        var key = Key(run.Model, run.Workload);
        var before = Workloads.FirstOrDefault(w => w.Key == key)?.Seconds ?? [];
        var samples = new WorkloadSamples(
            key,
            [.. before.TakeLast(KeptSamples - 1), Math.Round(run.Duration.TotalSeconds, 3)]
        );
        return new RunTimes
        {
            Workloads = [.. Workloads.Where(w => w.Key != key).TakeLast(KeptWorkloads - 1), samples],
        };
    }

    /// <summary>When most of such runs are finished; null when none is known.</summary>
    public TimeSpan? Estimate(string model, string workload)
    {
        var exact = Workloads.FirstOrDefault(w => w.Key == Key(model, workload));
        // Another workload of the same model is a better guess than none.
        var near = exact ?? Workloads.LastOrDefault(w => w.Key.StartsWith(model + " ", StringComparison.Ordinal));
        if (near is null || near.Seconds.Count == 0)
        {
            return null;
        }

        var sorted = near.Seconds.Order().ToList();
        return TimeSpan.FromSeconds(sorted[(int)Math.Ceiling(Quantile * sorted.Count) - 1]);
    }

    private static string Key(string model, string workload) => $"{model} {workload}";
}

/// <summary>The run times of one workload.</summary>
/// <param name="Key">Model and workload.</param>
/// <param name="Seconds">The youngest last.</param>
public sealed record WorkloadSamples(string Key, IReadOnlyList<double> Seconds);

/// <summary>A finished run.</summary>
/// <param name="Model">The model's slug.</param>
/// <param name="Workload">A word for runs of about the same length.</param>
/// <param name="Duration">From the backend's acceptance to its end.</param>
public sealed record RunSample(string Model, string Workload, TimeSpan Duration);
