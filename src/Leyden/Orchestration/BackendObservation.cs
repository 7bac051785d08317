using Leyden.Backends;
using Leyden.Outputs;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>
/// One look at a submitted prediction, and what follows when the backend has ended it: the pictures are stored and the record
/// ends, in the same step, so that links that expire and data URLs never enter a history, and a repeat starts from a fresh read.
/// </summary>
public sealed class BackendObservation(
    PredictionStore store,
    BackendLedger ledger,
    PredictionEnding ending,
    OutputCollector outputs,
    PollSchedule polls,
    TimeProvider time
)
{
    private const int MaxMissing = 4;
    private const int MaxOutputFaults = 6;
    private static readonly TimeSpan WorthNoting = TimeSpan.FromSeconds(1);

    /// <summary>Looks once.</summary>
    /// <returns>The end, or when to look again; null when the backend is still at work and the caller decides.</returns>
    public async Task<StepResult?> LookAsync(
        Prediction prediction,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        if (await ledger.RequestAsync(backend, prediction, cancellationToken) is LedgerAnswer.Wait wait)
        {
            return StepResult.Later(step, wait.Until, "running");
        }

        var seen = await backend.ObserveAsync(prediction.Submission!.BackendId!, cancellationToken);
        switch (seen)
        {
            case ObserveOutcome.Running running:
                await NoteStartAsync(prediction, running, cancellationToken);
                return null;
            case ObserveOutcome.Succeeded succeeded:
                return await StoreAsync(prediction, succeeded, step, cancellationToken);
            case ObserveOutcome.Failed failed:
                // Teaches nothing: a failure says little about how long a success takes.
                return await ending.EndAsync(
                    prediction,
                    p => RunResults.Failed(p, failed.Failure, failed.PredictTime, failed.Cost),
                    null,
                    cancellationToken
                );
            case ObserveOutcome.Canceled:
                return await ending.EndAsync(
                    prediction,
                    p => RunResults.Stopped(p, step.Reason),
                    null,
                    cancellationToken
                );
            case ObserveOutcome.Missing when step.Missing >= MaxMissing:
                return await ending.FailAsync(prediction, Lost(backend), cancellationToken);
            case ObserveOutcome.Missing:
                // Counted apart: a single 404 after an outage is no proof that a billed run is gone.
                var missing = step with
                {
                    Missing = step.Missing + 1,
                };
                return StepResult.Later(missing, time.GetUtcNow() + polls.AfterFaults(missing.Missing), "running");
            case ObserveOutcome.Throttled throttled:
                // No fault: the backend is well and asks to wait.
                var silence = throttled.RetryAfter ?? polls.AfterThrottling();
                await ledger.SilenceAsync(backend, silence, cancellationToken);
                return StepResult.Later(step, time.GetUtcNow() + silence, "running");
            case ObserveOutcome.Unavailable:
                return Repeat(step, polls.AfterFaults(step.Faults + 1));
            default:
                throw new InvalidOperationException("An observation has an outcome that this step does not know.");
        }
    }

    private StepResult Repeat(PredictionStep step, TimeSpan wait) =>
        StepResult.Later(step with { Faults = step.Faults + 1 }, time.GetUtcNow() + wait, "running");

    private async Task NoteStartAsync(
        Prediction prediction,
        ObserveOutcome.Running running,
        CancellationToken cancellationToken
    )
    {
        if (running.Started && prediction.Status != PredictionStatus.Processing)
        {
            await store.ChangeAsync(
                prediction,
                p => p with { Status = PredictionStatus.Processing },
                cancellationToken
            );
        }
    }

    private async Task<StepResult> StoreAsync(
        Prediction prediction,
        ObserveOutcome.Succeeded succeeded,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var result = new RunOutcome.Succeeded(succeeded.PredictTime, succeeded.Cost, succeeded.Logs);
        var run = Sample(prediction, succeeded.PredictTime, step); // before the pictures are fetched: that is not the run
        var collecting = outputs.CollectAsync(prediction, succeeded.Outputs, cancellationToken);
        prediction = await NoteStoringAsync(prediction, collecting, cancellationToken);
        switch (await collecting)
        {
            case CollectOutcome.Stored stored:
                return await ending.EndAsync(
                    prediction,
                    p => RunResults.Succeeded(p, result, stored.Outputs, step.Reason),
                    run,
                    cancellationToken
                );
            case CollectOutcome.Unavailable when step.Faults < MaxOutputFaults:
                return Repeat(step, polls.AfterFaults(step.Faults + 1));
            case CollectOutcome.Unavailable unavailable:
                return await ending.EndAsync(
                    prediction,
                    p => RunResults.Failed(p, unavailable.Failure, result.PredictTime, result.Cost, result.Logs),
                    run,
                    cancellationToken
                );
            case CollectOutcome.Refused refused:
                return await ending.EndAsync(
                    prediction,
                    p => RunResults.Failed(p, refused.Failure, result.PredictTime, result.Cost, result.Logs),
                    run,
                    cancellationToken
                );
            default:
                throw new InvalidOperationException("Storing pictures has an outcome that this step does not know.");
        }
    }

    /// <summary>Says in the record that pictures are on the way, once that takes a moment: mostly the end is there before anybody reads it.</summary>
    private async Task<Prediction> NoteStoringAsync(
        Prediction prediction,
        Task collecting,
        CancellationToken cancellationToken
    )
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(collecting, Task.Delay(WorthNoting, time, done.Token));
        await done.CancelAsync();
        return first == collecting
            ? prediction
            : await store.ChangeAsync(
                prediction,
                p => p with { Status = PredictionStatus.Processing, Storing = true },
                cancellationToken
            ) ?? prediction;
    }

    private RunSample? Sample(Prediction prediction, TimeSpan? predictTime, PredictionStep step)
    {
        if (step.Faults > 0 || step.Missing > 0 || prediction.StartedAt is not { } started)
        {
            return null; // delayed by faults: it would teach a wrong time
        }

        var lastUnfinished = step.LastLook is { } look ? look - started : TimeSpan.Zero;
        var seen = time.GetUtcNow() - started;
        // A look that was put off and found the end long past only shows the run time that the backend tells.
        var knowsDuration = predictTime is not null || step.Told || !step.AwaitsReport;
        var duration = PollSchedule.Learn(predictTime, lastUnfinished, seen, step.Told);
        var wasOnSchedule = !step.AwaitsReport && (!step.Told || step.Looks > 0);
        return new RunSample(
            prediction.Model,
            prediction.Workload,
            knowsDuration ? duration : null,
            seen,
            wasOnSchedule ? step.Looks > 0 : null,
            Report(prediction, step)
        );
    }

    private static bool? Report(Prediction prediction, PredictionStep step) =>
        !prediction.Submission!.Reported || step.Kind != StepKind.Observe ? null
        : step.Told ? true
        : step.AwaitsReport ? false
        : null;

    private static PredictionFailure Lost(IAsynchronousBackend backend) =>
        new(
            FailureCodes.BackendLost,
            Retryable: false,
            $"{backend.Name} accepted the prediction and does not know it any more. It may have been billed."
        );
}
