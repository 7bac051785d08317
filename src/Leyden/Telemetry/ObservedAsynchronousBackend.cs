using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Telemetry;

/// <summary>An asynchronous backend whose requests are counted and traced, whatever its protocol.</summary>
internal sealed class ObservedAsynchronousBackend(IAsynchronousBackend inner, LeydenMetrics metrics)
    : IAsynchronousBackend
{
    private readonly ObservedRequests _requests = new(inner.Name, metrics);

    public string Name => inner.Name;

    public bool CanReport => inner.CanReport;

    public BackendLimits Limits => inner.Limits;

    public bool IsConfigured => inner.IsConfigured;

    public bool StandsIn => inner.StandsIn;

    public decimal? PricePerSecond => inner.PricePerSecond;

    public InputError? FindUnsupported(string model, JsonObject input) => inner.FindUnsupported(model, input);

    public Task<SubmitOutcome> SubmitAsync(BackendRequest request, CancellationToken cancellationToken) =>
        _requests.ObserveAsync("submit", () => inner.SubmitAsync(request, cancellationToken), Word);

    public Task<ObserveOutcome> ObserveAsync(string backendId, CancellationToken cancellationToken) =>
        _requests.ObserveAsync("observe", () => inner.ObserveAsync(backendId, cancellationToken), Word);

    public Task<bool> CancelAsync(string backendId, CancellationToken cancellationToken) =>
        _requests.ObserveAsync(
            "cancel",
            () => inner.CancelAsync(backendId, cancellationToken),
            taken => (taken ? "taken" : "refused", IsFault: !taken)
        );

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
