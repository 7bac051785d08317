using Leyden.Backends;
using Leyden.Outputs;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>What follows from the outcome of an attempt to run.</summary>
public sealed class RunAftermath(
    PredictionStore store,
    PredictionEnding ending,
    BackendRouter router,
    BackendHealthBook health,
    PollSchedule polls,
    TimeProvider time
)
{
    private const int MaxFaults = 8;

    /// <summary>Ends the prediction, or says what comes next.</summary>
    public async Task<StepResult> TakeAsync(
        RunAttempt attempt,
        RunOutcome outcome,
        IReadOnlyList<PredictionOutput> pictures,
        CancellationToken cancellationToken
    )
    {
        await NoteAsync(attempt.Backend, outcome, cancellationToken);
        var step = attempt.Step;
        var now = time.GetUtcNow();
        switch (outcome)
        {
            case RunOutcome.Succeeded done:
                var sample = Sample(attempt, done, now);
                return await EndAsync(p => RunResults.Succeeded(p, done, pictures, ReasonToEnd(p, now)), sample);
            case RunOutcome.Failed failed:
                return await EndAsync(p => RunResults.Failed(p, failed.Failure, failed.PredictTime, failed.Cost));
            case RunOutcome.Canceled:
                return await EndAsync(p => RunResults.Stopped(p, ReasonToEnd(p, now)));
            case RunOutcome.Interrupted lost:
                return await RepeatAsync(attempt, lost.Failure, cancellationToken);
            case RunOutcome.UnderWay:
                await UncountAsync(attempt, keepsMark: true, cancellationToken);
                return Later(step with { Looks = step.Looks + 1 }, "running");
            case RunOutcome.Busy:
                await UncountAsync(attempt, keepsMark: false, cancellationToken);
                return Later(step with { Kind = StepKind.Submit, Looks = step.Looks + 1 }, "busy");
            case RunOutcome.NotReady:
                await UncountAsync(attempt, keepsMark: false, cancellationToken);
                return Later(step with { Kind = StepKind.Submit, Looks = step.Looks + 1 }, "warming");
            case RunOutcome.Broken broken:
                return await LeaveAsync(attempt, broken.Failure, cancellationToken);
            case RunOutcome.NotSent notSent when step.Faults >= MaxFaults:
                return await EndAsync(p => RunResults.Failed(p, notSent.Failure, null, null));
            case RunOutcome.NotSent:
                await UncountAsync(attempt, keepsMark: false, cancellationToken);
                var next = step with { Kind = StepKind.Submit, Faults = step.Faults + 1 };
                return StepResult.Later(next, time.GetUtcNow() + polls.AfterFaults(next.Faults), "queued");
            default:
                throw new InvalidOperationException("A run has an outcome that this step does not know.");
        }

        Task<StepResult> EndAsync(Func<Prediction, Prediction> end, RunSample? run = null) =>
            ending.EndAsync(attempt.Prediction, end, run, cancellationToken);

        StepResult Later(PredictionStep next, string phase) =>
            StepResult.Later(next, time.GetUtcNow() + polls.UntilReady(next.Looks), phase);
    }

    /// <summary>Why a prediction must not go on; <see cref="EndReason.None"/> when it may.</summary>
    internal static EndReason ReasonToEnd(Prediction prediction, DateTimeOffset now) =>
        prediction.CancelRequestedAt is not null ? EndReason.Cancel
        : now >= prediction.Deadline ? EndReason.Deadline
        : EndReason.None;

    /// <summary>The failure of a prediction that was begun as often as it may be.</summary>
    internal static PredictionFailure Exhausted(Prediction prediction, string? detail) =>
        new(
            FailureCodes.BackendUnavailable,
            Retryable: true,
            $"The run was begun {prediction.Attempts} times at {prediction.Backend}, which is as often as it may be, "
                + "and its result was lost each time. Ask again later.",
            detail
        );

    private Task NoteAsync(ISynchronousBackend backend, RunOutcome outcome, CancellationToken cancellationToken) =>
        outcome switch
        {
            RunOutcome.Succeeded => health.NoteSuccessAsync(backend.Name, cancellationToken),
            RunOutcome.Interrupted lost => health.NoteFailureAsync(
                backend.Name,
                lost.Failure.Message,
                isLasting: false,
                cancellationToken
            ),
            RunOutcome.Broken broken => health.NoteFailureAsync(
                backend.Name,
                broken.Failure.Message,
                isLasting: true,
                cancellationToken
            ),
            RunOutcome.NotSent notSent => health.NoteFailureAsync(
                backend.Name,
                notSent.Failure.Message,
                isLasting: false,
                cancellationToken
            ),
            _ => Task.CompletedTask,
        };

    private async Task<StepResult> RepeatAsync(
        RunAttempt attempt,
        PredictionFailure failure,
        CancellationToken cancellationToken
    )
    {
        var prediction = attempt.Prediction;
        if (prediction.Attempts >= attempt.Backend.MaxAttempts)
        {
            return await ending.FailAsync(prediction, Exhausted(prediction, failure.Message), cancellationToken);
        }

        // By readiness again: what broke the connection may have been the backend's own end.
        var next = attempt.Step with
        {
            Kind = StepKind.Submit,
        };
        return StepResult.Later(next, time.GetUtcNow() + polls.AfterFaults(prediction.Attempts), "repeating");
    }

    /// <summary>To another backend where there is one; else it has failed.</summary>
    private async Task<StepResult> LeaveAsync(
        RunAttempt attempt,
        PredictionFailure failure,
        CancellationToken cancellationToken
    )
    {
        var prediction = await UncountAsync(attempt, keepsMark: false, cancellationToken) ?? attempt.Prediction;
        return await router.HasOtherAsync(prediction, cancellationToken)
            ? StepResult.Later(attempt.Step with { Kind = StepKind.Submit }, time.GetUtcNow(), "queued")
            : await ending.FailAsync(prediction, failure, cancellationToken);
    }

    /// <summary>Takes an attempt off the count that certainly began nothing.</summary>
    private Task<Prediction?> UncountAsync(RunAttempt attempt, bool keepsMark, CancellationToken cancellationToken) =>
        store.ChangeAsync(
            attempt.Prediction,
            p =>
                p.Submission == attempt.Mark
                    ? p with
                    {
                        Status =
                            keepsMark || p.Status != PredictionStatus.Starting ? p.Status : PredictionStatus.Queued,
                        Attempts = p.Attempts - 1,
                        Submission = keepsMark || p.Attempts > 1 ? p.Submission : null,
                    }
                    : null,
            cancellationToken
        );

    private static RunSample Sample(RunAttempt attempt, RunOutcome.Succeeded done, DateTimeOffset now)
    {
        var prediction = attempt.Prediction;
        var seen = now - attempt.Mark.MarkedAt;
        return new RunSample(prediction.Model, prediction.Workload, done.PredictTime ?? seen, seen, null);
    }
}

/// <summary>One attempt to run.</summary>
/// <param name="Prediction">The record with this attempt in its count.</param>
/// <param name="Mark">Its mark in the record.</param>
/// <param name="Backend">Where.</param>
/// <param name="Step">The step that makes it.</param>
public sealed record RunAttempt(
    Prediction Prediction,
    Submission Mark,
    ISynchronousBackend Backend,
    PredictionStep Step
);
