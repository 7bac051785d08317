using Leyden.Backends;
using Leyden.Predictions;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>
/// Ends a prediction for a reason of ours: asks the backend to stop until it has taken that, then looks a few times what came of it. What had
/// finished before the cancel came is delivered, since it is paid for.
/// </summary>
public sealed partial class EndPrediction(
    PredictionStore store,
    BackendDirectory backends,
    BackendLedger ledger,
    BackendObservation observation,
    RunEnding runs,
    PredictionEnding ending,
    TimeProvider time,
    ILogger<EndPrediction> logger
) : TaskActivity<PredictionStep, StepResult>
{
    private const int MaxLooks = 4;
    private const int MaxFaults = 4;

    /// <summary>The failure of a prediction whose deadline passed.</summary>
    public static PredictionFailure DeadlineExceeded(string consequence = "") =>
        new(
            FailureCodes.DeadlineExceeded,
            Retryable: true,
            $"The prediction had not finished at its deadline.{consequence} Ask again with a later deadline."
        );

    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(TaskActivityContext context, PredictionStep input) =>
        TracedStep.RunAsync("prediction.end", input, time, logger, () => TakeAsync(input));

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

        var backend = backends.Find(prediction.Backend);
        if (prediction.Submission?.BackendId is not { } backendId || backend is null)
        {
            var mayRun = prediction.Submission is not null;
            return await ending.EndAsync(prediction, p => Ended(p, input.Reason, mayRun), null, stop);
        }

        if (backend is ISynchronousBackend synchronous)
        {
            var (later, mayRun) = await runs.StopAsync(prediction, synchronous, input, stop);
            return later ?? await ending.EndAsync(prediction, p => Ended(p, input.Reason, mayRun), null, stop);
        }

        return backend is IAsynchronousBackend asynchronous
            ? await StopAsync(prediction, asynchronous, backendId, input, stop)
            : throw new InvalidOperationException($"{backend.Name} is a backend of no known kind.");
    }

    private async Task<StepResult> StopAsync(
        Prediction prediction,
        IAsynchronousBackend backend,
        string backendId,
        PredictionStep input,
        CancellationToken stop
    )
    {
        if (prediction.Submission!.CancelSentAt is null)
        {
            // Waits its turn like any request: one beyond the limit would be refused, and the run would go on and be billed.
            if (await ledger.RequestAsync(backend, prediction, stop) is LedgerAnswer.Wait wait)
            {
                return StepResult.Later(input, wait.Until, "ending");
            }

            prediction = await StopBackendAsync(prediction, backend, backendId, input, stop);
        }

        if (input.Faults < MaxFaults && await observation.LookAsync(prediction, backend, input, stop) is { } result)
        {
            return result;
        }

        var looks = input.EndLooks + 1;
        return looks < MaxLooks && input.Faults < MaxFaults
            ? StepResult.Later(
                input with
                {
                    EndLooks = looks,
                    Faults = 0,
                    Missing = 0,
                    LastLook = time.GetUtcNow(),
                },
                time.GetUtcNow() + TimeSpan.FromSeconds(Math.Pow(2, looks - 1)),
                "ending"
            )
            : await ending.EndAsync(prediction, p => Ended(p, input.Reason, mayRun: true), null, stop);
    }

    private async Task<Prediction> StopBackendAsync(
        Prediction prediction,
        IAsynchronousBackend backend,
        string backendId,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var taken = await backend.CancelAsync(backendId, cancellationToken);
        Log.Stopping(logger, prediction.Id, backend.Name, step.Reason, taken);
        if (!taken)
        {
            return prediction; // the look that follows tells why; if the backend is still at work, the next step asks again
        }

        var changed = await store.ChangeAsync(
            prediction,
            p => p with { Submission = p.Submission! with { CancelSentAt = time.GetUtcNow() } },
            cancellationToken
        );
        return changed ?? prediction;
    }

    private static Prediction Ended(Prediction prediction, EndReason reason, bool mayRun)
    {
        var consequence = mayRun
            ? $" {prediction.Backend} has not confirmed that it stopped: the run may still be billed."
            : "";
        return reason switch
        {
            EndReason.Cancel when mayRun => (prediction with { Status = PredictionStatus.Canceled }).WithNote(
                consequence.TrimStart()
            ),
            EndReason.Cancel => prediction with { Status = PredictionStatus.Canceled },
            EndReason.Deadline => prediction with
            {
                Status = PredictionStatus.Failed,
                Failure = DeadlineExceeded(consequence) with { Retryable = !mayRun },
            },
            _ => prediction with
            {
                Status = PredictionStatus.Failed,
                Failure = new PredictionFailure(
                    FailureCodes.Internal,
                    Retryable: !mayRun,
                    $"The prediction could not go on because of a fault in this service.{consequence}"
                ),
            },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Information,
            "Prediction {Id}: asked {Backend} to stop it ({Reason}); taken: {Taken}"
        )]
        public static partial void Stopping(
            ILogger logger,
            PredictionId id,
            string backend,
            EndReason reason,
            bool taken
        );
    }
}
