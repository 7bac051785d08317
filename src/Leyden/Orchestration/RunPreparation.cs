using Leyden.Backends;
using Leyden.Notifications;
using Leyden.Predictions;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>
/// What comes before a run at a synchronous backend: a place, and a backend that is ready. A cold start takes minutes, which pass on
/// durable timers; only the holders of places ask, so a long queue does not.
/// </summary>
public sealed partial class RunPreparation(
    PredictionStore store,
    BackendPlaces places,
    PredictionEnding ending,
    BackendRouter router,
    BackendHealthBook health,
    Outbox outbox,
    PollSchedule polls,
    TimeProvider time,
    ILogger<RunPreparation> logger
)
{
    private const int MaxFaults = 8;

    /// <summary>Takes one step towards the run.</summary>
    public async Task<StepResult> TakeAsync(
        Prediction prediction,
        ISynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        if (await places.AskAsync(prediction, backend, step, cancellationToken) is { } later)
        {
            return later;
        }

        switch (await backend.CheckReadinessAsync(cancellationToken))
        {
            case Readiness.Ready:
                return await BeginAsync(prediction, step, cancellationToken);
            case Readiness.Busy:
                return NotYet(step, "busy");
            case Readiness.Warming warming:
                Log.Warming(logger, prediction.Id, backend.Name, warming.Reason);
                return NotYet(step, "warming");
            case Readiness.Broken broken:
                await health.NoteFailureAsync(backend.Name, broken.Failure.Message, true, cancellationToken);
                return await router.HasOtherAsync(prediction, cancellationToken)
                    ? StepResult.Later(step, time.GetUtcNow(), "queued")
                    : await ending.FailAsync(prediction, broken.Failure, cancellationToken);
            case Readiness.Unreachable unreachable when step.Faults >= MaxFaults:
                return await ending.FailAsync(prediction, unreachable.Failure, cancellationToken);
            case Readiness.Unreachable unreachable:
                var faults = step.Faults + 1;
                Log.Unreachable(logger, prediction.Id, backend.Name, faults, unreachable.Failure.Message);
                await health.NoteFailureAsync(backend.Name, unreachable.Failure.Message, false, cancellationToken);
                return StepResult.Later(
                    step with
                    {
                        Faults = faults,
                    },
                    time.GetUtcNow() + polls.AfterFaults(faults),
                    "queued"
                );
            default:
                throw new InvalidOperationException("Readiness has a form that this step does not know.");
        }
    }

    private StepResult NotYet(PredictionStep step, string phase)
    {
        var asked = step.Looks + 1;
        return StepResult.Later(
            step with
            {
                Looks = asked,
                Faults = 0,
            },
            time.GetUtcNow() + polls.UntilReady(asked),
            phase
        );
    }

    private async Task<StepResult> BeginAsync(
        Prediction prediction,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var next = step with { Kind = StepKind.Run };
        var begun = await store.ChangeAsync(
            prediction,
            p =>
                p.CancelRequestedAt is null
                    ? p with
                    {
                        Status = p.Status == PredictionStatus.Queued ? PredictionStatus.Starting : p.Status,
                        StartedAt = now,
                    }
                    : null,
            cancellationToken
        );
        var couriers = begun is { StartedAt: not null, Status: PredictionStatus.Starting }
            ? await outbox.AppendAsync(begun, PredictionEvent.Started, cancellationToken)
            : [];
        return StepResult.Later(next, now, "running").With(couriers);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Prediction {Id} waits for {Backend}: {Reason}")]
        public static partial void Warming(ILogger logger, PredictionId id, string backend, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Prediction {Id} did not reach {Backend} (attempt {Attempt}): {Reason}")]
        public static partial void Unreachable(
            ILogger logger,
            PredictionId id,
            string backend,
            int attempt,
            string reason
        );
    }
}
