using Leyden.Backends;
using Leyden.Outputs;
using Leyden.Predictions;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>
/// Runs a prediction at a backend that runs while we wait, stores its pictures and ends it. Each attempt is counted in the record before
/// it begins, so a step that was cut short and is repeated is an attempt of its own; all attempts have one run id, so the backend
/// begins no second run while the first goes on (docs/decisions/0015).
/// </summary>
public sealed partial class ExecutePrediction(
    PredictionStore store,
    BackendDirectory backends,
    PredictionEnding ending,
    RunAftermath aftermath,
    OutputWriter writer,
    RunProgress progress,
    TimeProvider time,
    ILogger<ExecutePrediction> logger
) : TaskActivity<PredictionStep, StepResult>
{
    /// <summary>What is refused is refused by then: a run that has no answer yet is one that runs.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(400);

    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(TaskActivityContext context, PredictionStep input) =>
        TracedStep.RunAsync("prediction.run", input, time, logger, () => TakeAsync(input));

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

        var backend = backends.Find(prediction.Backend) as ISynchronousBackend;
        var reason = backend is null ? EndReason.Fault : RunAftermath.ReasonToEnd(prediction, time.GetUtcNow());
        if (backend is null || reason != EndReason.None)
        {
            return StepResult.Later(input with { Kind = StepKind.End, Reason = reason }, time.GetUtcNow(), "ending");
        }

        if (prediction.Attempts >= backend.MaxAttempts)
        {
            return await ending.FailAsync(prediction, RunAftermath.Exhausted(prediction, detail: null), stop);
        }

        var mark = new Submission(time.GetUtcNow(), BackendId: prediction.Id.Value);
        var marked = await store.ChangeAsync(
            prediction,
            p =>
                p.Attempts == prediction.Attempts && p.CancelRequestedAt is null
                    ? p with
                    {
                        Submission = mark,
                        Attempts = p.Attempts + 1,
                    }
                    : null,
            stop
        );
        return marked?.Submission == mark
            ? await RunAsync(marked, mark, backend, input, stop)
            : StepResult.Later(input, time.GetUtcNow(), "running"); // canceled, or marked by a twin meanwhile: look again
    }

    private async Task<StepResult> RunAsync(
        Prediction prediction,
        Submission mark,
        ISynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var outputs = new StoredOutputs(prediction, writer);
        using var underWay = progress.Begin(prediction.Id);
        var request = new BackendRequest(prediction.Model, prediction.Version, prediction.Input);
        var run = backend.RunAsync(mark.BackendId!, request, outputs, underWay, cancellationToken);
        await ShowAsync(prediction, Task.WhenAny(run, underWay.First), run);
        var outcome = await run;
        if (outcome is not (RunOutcome.Succeeded or RunOutcome.Canceled))
        {
            Log.NotDone(logger, prediction.Id, backend.Name, prediction.Attempts, outcome.GetType().Name);
        }

        return await aftermath.TakeAsync(
            new RunAttempt(prediction, mark, backend, step),
            outcome,
            outputs.Stored,
            cancellationToken
        );
    }

    /// <summary>Shows in the record that the model runs, once it does.</summary>
    private async Task ShowAsync(Prediction prediction, Task sign, Task run)
    {
        try
        {
            await sign.WaitAsync(ShownAfter, time);
        }
        catch (TimeoutException)
        {
            // No answer and no progress so far: it runs.
        }

        if (run.IsCompleted)
        {
            return;
        }

        try
        {
            await store.ChangeAsync(
                prediction,
                p => p.Status == PredictionStatus.Starting ? p with { Status = PredictionStatus.Processing } : null,
                CancellationToken.None
            );
        }
        catch (Exception e) // a boundary: it is for show, and must not lose the run's result
        {
            Log.NotShown(logger, e, prediction.Id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Prediction {Id}: attempt {Attempt} at {Backend} ended as {Outcome}")]
        public static partial void NotDone(
            ILogger logger,
            PredictionId id,
            string backend,
            int attempt,
            string outcome
        );

        [LoggerMessage(2, LogLevel.Warning, "Prediction {Id} runs, but its record could not say so")]
        public static partial void NotShown(ILogger logger, Exception fault, PredictionId id);
    }
}
