using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>
/// Ends a run for a reason of ours: asks the backend to stop it, and leaves the record to the run's own step for a while, since that
/// has the backend's answer, and what had finished is delivered.
/// </summary>
public sealed class RunEnding(PredictionStore store, TimeProvider time)
{
    private const int MaxLooks = 5;

    /// <summary>Asks to stop a run whose step may be under way.</summary>
    /// <param name="prediction">As it was read: begun, and not ended.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="step">The ending step.</param>
    /// <param name="cancellationToken">Stops; repeat the step.</param>
    /// <returns>When to look again; null when there is nothing to wait for, with whether the run may still go on.</returns>
    public async Task<(StepResult? Later, bool MayRun)> StopAsync(
        Prediction prediction,
        ISynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var stop = await backend.CancelAsync(prediction.Submission!.BackendId!, cancellationToken);
        if (stop == RunStop.Stopping && prediction.Submission.CancelSentAt is null)
        {
            await store.ChangeAsync(
                prediction,
                p => p with { Submission = p.Submission! with { CancelSentAt = time.GetUtcNow() } },
                cancellationToken
            );
        }

        var looks = step.EndLooks + 1;
        // Asked again at each look: a step that had just begun may have sent its request after the first time.
        var waits = looks < MaxLooks && (step.Running || stop != RunStop.NotRunning);
        var pause = TimeSpan.FromSeconds(Math.Pow(2, looks - 1));
        return waits
            ? (StepResult.Later(step with { EndLooks = looks }, time.GetUtcNow() + pause, "ending"), true)
            : (null, stop != RunStop.NotRunning);
    }
}
