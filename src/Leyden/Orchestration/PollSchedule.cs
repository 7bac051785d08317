using Leyden.Backends;

namespace Leyden.Orchestration;

/// <summary>
/// When to look at a running prediction: first when it is most likely finished, by what recent runs took, then at growing
/// intervals with jitter. Each look costs a request of the backend's quota.
/// </summary>
public sealed class PollSchedule(Random random)
{
    /// <summary>When nothing is known of a model yet: the response time that Eachlabs documents.</summary>
    private static readonly TimeSpan FirstGuess = TimeSpan.FromSeconds(2);

    /// <summary>A look a little late finds the result; a look a little early costs another one.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(30);
    private const double GrowthOfElapsed = 0.15;
    private const double Jitter = 0.15;

    /// <summary>How long after the backend's acceptance the first look comes.</summary>
    public static TimeSpan FirstLook(RunTimes known, string model, string workload) =>
        (known.Estimate(model, workload) ?? FirstGuess) + Margin;

    /// <summary>How long to wait after a look that found the prediction unfinished.</summary>
    /// <param name="elapsed">From the backend's acceptance to that look.</param>
    public TimeSpan NextLook(TimeSpan elapsed) => Jittered(Clamp(elapsed * GrowthOfElapsed));

    /// <summary>How long to wait after the outside world was at fault several times in a row.</summary>
    /// <param name="faults">How many times, from 1.</param>
    public TimeSpan AfterFaults(int faults) =>
        Jittered(Clamp(TimeSpan.FromSeconds(Math.Pow(2, Math.Min(faults, 10) - 1))));

    /// <summary>What a finished run teaches about the run time of its kind.</summary>
    /// <param name="predictTime">By the backend's clock, without its queue; null when it does not say.</param>
    /// <param name="lastUnfinished">From acceptance to the last look that found it unfinished; zero when there was none.</param>
    /// <param name="found">From acceptance to the look that found it finished.</param>
    public static TimeSpan Learn(TimeSpan? predictTime, TimeSpan lastUnfinished, TimeSpan found)
    {
        if (predictTime is { } exact && exact >= lastUnfinished && exact <= found)
        {
            return exact;
        }

        // The end lies between two looks. Without an earlier look, guess lower each time until a look comes too early.
        return lastUnfinished > TimeSpan.Zero ? lastUnfinished + ((found - lastUnfinished) / 2) : found * 0.9;
    }

    private static TimeSpan Clamp(TimeSpan interval) =>
        interval < ShortestInterval ? ShortestInterval
        : interval > LongestInterval ? LongestInterval
        : interval;

    private TimeSpan Jittered(TimeSpan interval) => interval * (1 + (Jitter * ((2 * random.NextDouble()) - 1)));
}
