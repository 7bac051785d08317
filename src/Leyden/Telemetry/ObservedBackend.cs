using System.Diagnostics;
using Leyden.Backends;

namespace Leyden.Telemetry;

/// <summary>Counts the requests to a backend and puts a span around each, whatever its protocol.</summary>
internal sealed class ObservedBackend(IBackend inner, LeydenMetrics metrics) : IBackend
{
    public string Name => inner.Name;

    public bool CanReport => inner.CanReport;

    public BackendLimits Limits => inner.Limits;

    public Task<SubmitOutcome> SubmitAsync(BackendRequest request, CancellationToken cancellationToken) =>
        ObserveAsync("submit", () => inner.SubmitAsync(request, cancellationToken), Word);

    public Task<ObserveOutcome> ObserveAsync(string backendId, CancellationToken cancellationToken) =>
        ObserveAsync("observe", () => inner.ObserveAsync(backendId, cancellationToken), Word);

    public Task<bool> CancelAsync(string backendId, CancellationToken cancellationToken) =>
        ObserveAsync(
            "cancel",
            () => inner.CancelAsync(backendId, cancellationToken),
            taken => (taken ? "taken" : "refused", IsFault: !taken)
        );

    private async Task<T> ObserveAsync<T>(
        string operation,
        Func<Task<T>> request,
        Func<T, (string Word, bool IsFault)> judge
    )
    {
        using var span = PredictionTracing.Source.StartActivity($"backend.{operation}", ActivityKind.Internal);
        span?.SetTag(TelemetryTags.Backend, Name).SetTag(TelemetryTags.Operation, operation);
        var outcome = "fault";
        try
        {
            var answer = await request();
            (outcome, var isFault) = judge(answer);
            if (isFault)
            {
                span.Fail(outcome);
            }

            return answer;
        }
        catch (Exception e)
        {
            span.Fail(e.GetType().Name);
            throw;
        }
        finally
        {
            span?.SetTag(TelemetryTags.Outcome, outcome);
            metrics.BackendRequest(Name, operation, outcome);
        }
    }

    private static (string Word, bool IsFault) Word(SubmitOutcome outcome) =>
        outcome switch
        {
            SubmitOutcome.Accepted => ("accepted", false),
            SubmitOutcome.Rejected => ("rejected", true),
            SubmitOutcome.Throttled => ("throttled", true),
            SubmitOutcome.NotSent => ("not_sent", true),
            SubmitOutcome.Unknown => ("unknown", true),
            _ => ("other", true),
        };

    private static (string Word, bool IsFault) Word(ObserveOutcome outcome) =>
        outcome switch
        {
            ObserveOutcome.Running => ("running", false),
            ObserveOutcome.Succeeded => ("succeeded", false),
            ObserveOutcome.Failed => ("failed", false), // the request was well; the prediction was not
            ObserveOutcome.Canceled => ("canceled", false),
            ObserveOutcome.Missing => ("missing", true),
            ObserveOutcome.Throttled => ("throttled", true),
            ObserveOutcome.Unavailable => ("unavailable", true),
            _ => ("other", true),
        };
}
