namespace Leyden.Backends;

/// <summary>
/// What recent runs took at one backend, by model and workload, and from it the moment of the first look: late enough that most runs
/// are finished by then, since each look costs a request, and no later.
/// </summary>
/// <remarks>
/// The backend's own run time leaves out its queue and the way to us, so a lag is learned beside it from what first looks find: a look
/// that came too early raises it by much, one that came in time lowers it by little. In the long run one in nine comes too early.
/// </remarks>
public sealed record RunTimes
{
    private const int KeptSamples = 24;
    private const int KeptWorkloads = 64;
    private const double Quantile = 0.8;
    private const double FirstLag = 0.04;
    private const double LagAfterEarlyLook = 0.06;
    private const double LagAfterTimelyLook = -0.0075;

    /// <summary>No run known.</summary>
    public static RunTimes Empty { get; } = new();

    /// <summary>The workloads that were run, the longest unused first.</summary>
    public IReadOnlyList<WorkloadTimes> Workloads { get; init; } = [];

    /// <summary>With one more run; the oldest are forgotten.</summary>
    public RunTimes With(RunSample run)
    {
        if (run.Duration is not { } duration)
        {
            return this;
        }

        var key = Key(run.Model, run.Workload);
        var before = Workloads.FirstOrDefault(w => w.Key == key);
        double[] seconds = [.. (before?.Seconds ?? []).TakeLast(KeptSamples - 1), Math.Round(duration.TotalSeconds, 3)];
        var after = new WorkloadTimes(key, seconds, before is null ? FirstLag : Lag(before.Lag, run, duration));
        return new RunTimes { Workloads = [.. Workloads.Where(w => w.Key != key).TakeLast(KeptWorkloads - 1), after] };
    }

    /// <summary>How long after the backend's acceptance most of such runs are finished; null when none is known.</summary>
    public TimeSpan? Estimate(string model, string workload)
    {
        var exact = Workloads.FirstOrDefault(w => w.Key == Key(model, workload));
        // Another workload of the same model is a better guess than none.
        var near = exact ?? Workloads.LastOrDefault(w => w.Key.StartsWith(model + " ", StringComparison.Ordinal));
        if (near is null)
        {
            return null;
        }

        var sorted = near.Seconds.Order().ToList();
        return TimeSpan.FromSeconds(sorted[(int)Math.Ceiling(Quantile * sorted.Count) - 1] + near.Lag);
    }

    private static double Lag(double lag, RunSample run, TimeSpan duration)
    {
        if (run.FirstLookWasEarly is not { } early)
        {
            return lag;
        }

        var changed = lag + (early ? LagAfterEarlyLook : LagAfterTimelyLook);
        // Many that looked too early at the same time must not push it beyond what the run showed.
        var longest = Math.Max(lag, (run.Seen - duration).TotalSeconds);
        return Math.Round(Math.Clamp(changed, 0, Math.Max(0, longest)), 4);
    }

    private static string Key(string model, string workload) => $"{model} {workload}";
}

/// <summary>The run times of one workload.</summary>
/// <param name="Key">Model and workload.</param>
/// <param name="Seconds">What recent runs took, the youngest last.</param>
/// <param name="Lag">Seconds from what the runs take to when looks find them finished.</param>
public sealed record WorkloadTimes(string Key, IReadOnlyList<double> Seconds, double Lag);

/// <summary>A finished run.</summary>
/// <param name="Model">The model's slug.</param>
/// <param name="Workload">A word for runs of about the same length.</param>
/// <param name="Duration">What it took; null when that is not known well enough.</param>
/// <param name="Seen">From the backend's acceptance to the look that found it finished.</param>
/// <param name="FirstLookWasEarly">
/// Whether a look before had found it unfinished; null when no look came at the estimated time.
/// </param>
/// <param name="Report">Whether the backend reported the end; null when that is not known, or nobody had asked it to.</param>
public sealed record RunSample(
    string Model,
    string Workload,
    TimeSpan? Duration,
    TimeSpan Seen,
    bool? FirstLookWasEarly,
    bool? Report = null
);
