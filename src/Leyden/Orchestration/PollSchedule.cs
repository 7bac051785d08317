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

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestReadyWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ThrottledWait = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ReportGrace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestReportWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestQueueCheck = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualQueueCheck = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestQueueCheck = TimeSpan.FromHours(1);
    private const double ShareOfElapsed = 0.03;
    private const double Growth = 1.5;
    private const double Jitter = 0.15;

    /// <summary>How long after the backend's acceptance the first look comes.</summary>
    public static TimeSpan FirstLook(RunTimes known, string model, string workload) =>
        known.Estimate(model, workload) ?? FirstGuess;

    /// <summary>
    /// How long after the backend's acceptance the first look comes when the backend is expected to report: twice the usual time and
    /// some seconds, since by then the report is lost or the run unusually long.
    /// </summary>
    public static TimeSpan FirstUnreported(RunTimes known, string model, string workload)
    {
        var usual = FirstLook(known, model, workload);
        return usual + ReportGrace + (usual < LongestReportWait ? usual : LongestReportWait);
    }

    /// <summary>How long to wait for the report after a look that found the prediction unfinished.</summary>
    /// <param name="elapsed">From the backend's acceptance to the look.</param>
    public static TimeSpan NextUnreported(TimeSpan elapsed)
    {
        var half = elapsed / 2;
        return half < ReportGrace ? ReportGrace
            : half > LongestInterval ? LongestInterval
            : half;
    }

    /// <summary>How long to wait after looks that found the prediction unfinished.</summary>
    /// <param name="looks">How many, from 1.</param>
    /// <param name="elapsed">From the backend's acceptance to the last of them: long runs differ by more than short ones.</param>
    public TimeSpan NextLook(int looks, TimeSpan elapsed)
    {
        var first = elapsed * ShareOfElapsed > ShortestInterval ? elapsed * ShareOfElapsed : ShortestInterval;
        return Jittered(Clamp(first * Math.Pow(Growth, Math.Min(looks, 20) - 1)));
    }

    /// <summary>
    /// When to ask again for a place while others are ahead: some seconds for each of them, and no sooner than half the time that they take
    /// at the least by the backend's limit of requests. A deep queue would else be busy with looking at itself.
    /// </summary>
    /// <param name="ahead">How many are called before.</param>
    /// <param name="limits">The backend's limits.</param>
    public static TimeSpan NextQueueCheck(int ahead, BackendLimits limits)
    {
        var half = limits.RequestsPerMinute is { } perMinute
            ? TimeSpan.FromMinutes(ahead / 2.0 / perMinute)
            : TimeSpan.Zero;
        var byPlace = TimeSpan.FromSeconds(Math.Min(ahead, UsualQueueCheck.TotalSeconds));
        var check = half > byPlace ? half : byPlace;
        return check < ShortestQueueCheck ? ShortestQueueCheck
            : check > LongestQueueCheck ? LongestQueueCheck
            : check;
    }

    /// <summary>How long to wait after the outside world was at fault several times in a row.</summary>
    /// <param name="faults">How many times, from 1.</param>
    public TimeSpan AfterFaults(int faults) =>
        Jittered(Clamp(TimeSpan.FromSeconds(Math.Pow(2, Math.Min(faults, 10) - 1))));

    /// <summary>How long to wait for a backend that starts or is busy: it tells nobody when it is ready, and asking costs little.</summary>
    /// <param name="asked">How often it was asked in a row, from 1.</param>
    public TimeSpan UntilReady(int asked)
    {
        var wait = TimeSpan.FromSeconds(Math.Pow(Growth, Math.Min(asked, 20) - 1) / 2);
        return Jittered(wait < LongestReadyWait ? wait : LongestReadyWait);
    }

    /// <summary>How long to wait after the backend refused a request for its limits and did not say until when.</summary>
    public TimeSpan AfterThrottling() => Jittered(ThrottledWait);

    /// <summary>What a finished run teaches about the run time of its kind.</summary>
    /// <param name="predictTime">By the backend's clock, without its queue; null when it does not say.</param>
    /// <param name="lastUnfinished">From acceptance to the last look that found it unfinished; zero when there was none.</param>
    /// <param name="found">From acceptance to the look that found it finished.</param>
    /// <param name="told">Whether the backend's report led to that look, so that it came right after the end.</param>
    public static TimeSpan Learn(TimeSpan? predictTime, TimeSpan lastUnfinished, TimeSpan found, bool told = false)
    {
        if (predictTime is { } exact)
        {
            return exact < found ? exact : found;
        }

        if (told)
        {
            return found;
        }

        // The end lies between two looks. Without an earlier look, guess lower each time until a look comes too early.
        return lastUnfinished > TimeSpan.Zero ? lastUnfinished + ((found - lastUnfinished) / 2) : found * 0.97;
    }

    private static TimeSpan Clamp(TimeSpan interval) =>
        interval < ShortestInterval ? ShortestInterval
        : interval > LongestInterval ? LongestInterval
        : interval;

    private TimeSpan Jittered(TimeSpan interval) => interval * (1 + (Jitter * ((2 * random.NextDouble()) - 1)));
}
