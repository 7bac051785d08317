using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>Asks a backend's ledger for a place, and says when to ask again where there is none.</summary>
public sealed class BackendPlaces(BackendLedger ledger, TimeProvider time)
{
    /// <summary>Asks for a place, and in it for a request. Harmless when repeated.</summary>
    /// <returns>When to ask again; null when it has a place and may make the request now.</returns>
    public async Task<StepResult?> AskAsync(
        Prediction prediction,
        IBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        switch (await ledger.EnterAsync(backend, prediction, cancellationToken))
        {
            case LedgerAnswer.Wait wait:
                return StepResult.Later(step, wait.Until, "queued");
            case LedgerAnswer.Queued queued:
                // Whoever leaves wakes the next; this moment only guards against a wake-up that was lost.
                var check = PollSchedule.NextQueueCheck(queued.Ahead, backend.Limits);
                return StepResult.Later(step, time.GetUtcNow() + check, "queued");
            default:
                return null;
        }
    }
}
