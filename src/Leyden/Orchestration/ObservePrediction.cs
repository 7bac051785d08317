using Leyden.Backends;
using Leyden.Predictions;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>Looks how far a submitted prediction is, and ends it when its backend has.</summary>
public sealed class ObservePrediction(
    PredictionStore store,
    BackendDirectory backends,
    BackendObservation observation,
    PredictionEnding ending,
    PollSchedule polls,
    TimeProvider time,
    ILogger<ObservePrediction> logger
) : TaskActivity<PredictionStep, StepResult>
{
    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(TaskActivityContext context, PredictionStep input) =>
        TracedStep.RunAsync("prediction.observe", input, time, logger, () => TakeAsync(input));

    private async Task<StepResult> TakeAsync(PredictionStep input)
    {
        var stop = CancellationToken.None; // an activity has no token of its own: its calls have time-outs
        if (await store.FindAsync(input.Owner, input.Id, stop) is not { } prediction)
        {
            return StepResult.Ended([]);
        }

        if (prediction.Status.IsTerminal())
        {
            return await ending.SettleAsync(prediction, null, stop);
        }

        var backend = backends.Find(prediction.Backend) as IAsynchronousBackend;
        if (prediction.CancelRequestedAt is not null || backend is null || prediction.Submission?.BackendId is null)
        {
            var reason = prediction.CancelRequestedAt is null ? EndReason.Fault : EndReason.Cancel;
            return StepResult.Later(input with { Kind = StepKind.End, Reason = reason }, time.GetUtcNow(), "ending");
        }

        if (await observation.LookAsync(prediction, backend, input, stop) is { } result)
        {
            return result;
        }

        var now = time.GetUtcNow();
        var next = input with { Faults = 0, Missing = 0, Looks = input.Looks + 1, LastLook = now, Told = false };
        var elapsed = now - prediction.StartedAt!.Value;
        var wait = next.AwaitsReport ? PollSchedule.NextUnreported(elapsed) : polls.NextLook(next.Looks, elapsed);
        return StepResult.Later(next, now + wait, "running");
    }
}
