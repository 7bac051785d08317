using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.DurableTask.Client;

namespace Leyden.Callbacks;

/// <summary>
/// Takes what backends report. A report is only a hint that it is worth looking: nothing that it says is believed, and the look
/// that it leads to is like any other. So duplicates, reports that come too early and reports of the past do no harm.
/// </summary>
public sealed class CallbackReceiver(
    CallbackTokens tokens,
    CallbackLimiter limiter,
    PredictionStore store,
    PredictionScheduler scheduler
)
{
    /// <summary>Takes a report.</summary>
    /// <returns>Whether the token is one that this deployment made.</returns>
    public async Task<bool> ReceiveAsync(string token, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await tokens.ReadAsync(token, cancellationToken) is not { } subject)
        {
            return false;
        }

        if (
            limiter.TryPass(subject.Id)
            && await store.FindAsync(subject.Owner, subject.Id, cancellationToken) is { } prediction
            && !prediction.Status.IsTerminal()
        )
        {
            await scheduler.HintAsync(prediction, client, cancellationToken);
        }

        return true;
    }
}
