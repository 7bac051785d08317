using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Telemetry;

/// <summary>A synchronous backend whose requests are counted and traced, whatever its protocol.</summary>
internal sealed class ObservedSynchronousBackend(ISynchronousBackend inner, LeydenMetrics metrics) : ISynchronousBackend
{
    private readonly ObservedRequests _requests = new(inner.Name, metrics);

    public string Name => inner.Name;

    public BackendLimits Limits => inner.Limits;

    public bool IsConfigured => inner.IsConfigured;

    public bool StandsIn => inner.StandsIn;

    public decimal? PricePerSecond => inner.PricePerSecond;

    public InputError? FindUnsupported(string model, JsonObject input) => inner.FindUnsupported(model, input);

    public bool Sleeps => inner.Sleeps;

    public int MaxAttempts => inner.MaxAttempts;

    public Task<Readiness> CheckReadinessAsync(CancellationToken cancellationToken) =>
        _requests.ObserveAsync("readiness", () => inner.CheckReadinessAsync(cancellationToken), Word);

    public Task<RunOutcome> RunAsync(
        string runId,
        BackendRequest request,
        IOutputSink outputs,
        IProgress<double> progress,
        CancellationToken cancellationToken
    ) =>
        _requests.ObserveAsync("run", () => inner.RunAsync(runId, request, outputs, progress, cancellationToken), Word);

    public Task<RunStop> CancelAsync(string runId, CancellationToken cancellationToken) =>
        _requests.ObserveAsync(
            "cancel",
            () => inner.CancelAsync(runId, cancellationToken),
            stop =>
                stop switch
                {
                    RunStop.Stopping => ("taken", false),
                    RunStop.NotRunning => ("refused", false),
                    _ => ("unknown", true),
                }
        );

    private static (string Word, bool IsFault) Word(Readiness readiness) =>
        readiness switch
        {
            Readiness.Ready => ("ready", false),
            Readiness.Busy => ("busy", false),
            Readiness.Warming => ("warming", false),
            Readiness.Broken => ("broken", true),
            Readiness.Unreachable => ("unreachable", true),
            _ => ("other", true),
        };

    private static (string Word, bool IsFault) Word(RunOutcome outcome) =>
        outcome switch
        {
            RunOutcome.Succeeded => ("succeeded", false),
            RunOutcome.Failed => ("failed", false), // the request was well; the prediction was not
            RunOutcome.Canceled => ("canceled", false),
            RunOutcome.Busy => ("busy", true),
            RunOutcome.NotReady => ("not_ready", true),
            RunOutcome.UnderWay => ("under_way", true),
            RunOutcome.Broken => ("broken", true),
            RunOutcome.NotSent => ("not_sent", true),
            RunOutcome.Interrupted => ("interrupted", true),
            _ => ("other", true),
        };
}
