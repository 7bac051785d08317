using Leyden.Backends;
using Leyden.Callbacks;
using Leyden.Notifications;
using Leyden.Predictions;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>
/// Gives a prediction to its backend, at most once: a mark is written before the billed request and the backend's id after it.
/// A repeat that finds a mark without an id waits until the other attempt can not be under way any more, and then says that the
/// outcome is unknown instead of billing again.
/// </summary>
public sealed partial class SubmitPrediction(
    PredictionStore store,
    BackendDirectory backends,
    BackendLedger ledger,
    BackendPlaces places,
    RunPreparation runs,
    BackendRouter router,
    BackendHealthBook health,
    PredictionEnding ending,
    Outbox outbox,
    PollSchedule polls,
    CallbackAddress callbacks,
    TimeProvider time,
    ILogger<SubmitPrediction> logger
) : TaskActivity<PredictionStep, StepResult>
{
    private const int MaxFaults = 8;
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(TaskActivityContext context, PredictionStep input) =>
        TracedStep.RunAsync("prediction.submit", input, time, logger, () => TakeAsync(input));

    private async Task<StepResult> TakeAsync(PredictionStep input)
    {
        var stop = CancellationToken.None; // an activity has no token of its own: its calls have time-outs
        if (await store.FindAsync(input.Owner, input.Id, stop) is not { } prediction)
        {
            return StepResult.Ended([]); // deleted, or its acceptance was cut short before the caller got an answer
        }

        if (prediction.Status.IsTerminal())
        {
            return await ending.SettleAsync(prediction, null, stop);
        }

        var (routed, called) = await router.RouteAsync(prediction, isFailing: input.Faults > 0, stop);
        var step = routed.Backend == prediction.Backend ? input : input with { Faults = 0, Looks = 0 };
        var result = backends.Find(routed.Backend) switch
        {
            IAsynchronousBackend asynchronous => await SubmitAsync(routed, asynchronous, step, stop),
            ISynchronousBackend when routed.CancelRequestedAt is not null => Cancel(step),
            ISynchronousBackend synchronous => await runs.TakeAsync(routed, synchronous, step, stop),
            _ => await ending.FailAsync(routed, NotConfigured(routed.Backend), stop),
        };
        return called.Count == 0 ? result : result with { Wake = [.. result.Wake, .. called] };
    }

    private async Task<StepResult> SubmitAsync(
        Prediction prediction,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    ) =>
        prediction switch
        {
            { Submission.BackendId: not null } => await FirstLookAsync(prediction, step, cancellationToken),
            { Submission: { } mark } => await ResolveMarkAsync(prediction, mark, backend, step, cancellationToken),
            { CancelRequestedAt: not null } => Cancel(step),
            _ => await AskForPlaceAsync(prediction, backend, step, cancellationToken),
        };

    private StepResult Cancel(PredictionStep step) =>
        StepResult.Later(step with { Kind = StepKind.End, Reason = EndReason.Cancel }, time.GetUtcNow(), "ending");

    private async Task<StepResult> AskForPlaceAsync(
        Prediction prediction,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        if (await places.AskAsync(prediction, backend, step, cancellationToken) is { } later)
        {
            return later;
        }

        // Before the mark: what fails after it leaves a submission of which nobody knows whether it was sent.
        var callback =
            backend.CanReport && callbacks.IsReachable ? await callbacks.OfAsync(prediction, cancellationToken) : null;
        var mark = new Submission(time.GetUtcNow(), Reported: callback is not null);
        var marked = await store.ChangeAsync(
            prediction,
            p =>
                p.Submission is null && p.CancelRequestedAt is null
                    ? p with
                    {
                        Status = PredictionStatus.Starting,
                        Submission = mark,
                    }
                    : null,
            cancellationToken
        );
        return marked?.Submission == mark
            ? await SendAsync(marked, mark, callback, backend, step, cancellationToken)
            : StepResult.Later(step, time.GetUtcNow(), "queued"); // canceled or marked by a twin meanwhile: look again
    }

    private async Task<StepResult> SendAsync(
        Prediction prediction,
        Submission mark,
        Uri? callback,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var request = new BackendRequest(prediction.Model, prediction.Version, prediction.Input, callback);
        switch (await backend.SubmitAsync(request, cancellationToken))
        {
            case SubmitOutcome.Accepted accepted:
                await health.NoteSuccessAsync(backend.Name, cancellationToken);
                return await RecordAsync(prediction, mark, accepted.BackendId, backend, step, cancellationToken);
            case SubmitOutcome.Rejected rejected:
                return await TurnAwayAsync(prediction, mark, rejected.Failure, backend, step, cancellationToken);
            case SubmitOutcome.Throttled throttled:
                var silence = throttled.RetryAfter ?? polls.AfterThrottling();
                await ledger.SilenceAsync(backend, silence, cancellationToken);
                await UnmarkAsync(prediction, mark, cancellationToken);
                return StepResult.Later(step, time.GetUtcNow() + silence, "queued");
            case SubmitOutcome.NotSent notSent when step.Faults < MaxFaults:
                await UnmarkAsync(prediction, mark, cancellationToken);
                var faults = step.Faults + 1;
                var retry = time.GetUtcNow() + polls.AfterFaults(faults);
                Log.NotSent(logger, prediction.Id, backend.Name, faults, notSent.Failure.Message);
                await NoteFailureAsync(backend, notSent.Failure, isLasting: false, cancellationToken);
                return StepResult.Later(step with { Faults = faults }, retry, "queued");
            case SubmitOutcome.NotSent notSent:
                return await ending.FailAsync(prediction, notSent.Failure, cancellationToken);
            case SubmitOutcome.Unknown unknown:
                Log.AnswerLost(logger, prediction.Id, backend.Name, unknown.Failure.Message);
                await NoteFailureAsync(backend, unknown.Failure, isLasting: false, cancellationToken);
                return await GiveUpAsync(prediction, mark, backend, step, unknown.Failure, cancellationToken);
            default:
                throw new InvalidOperationException("A submission has an outcome that this step does not know.");
        }
    }

    /// <summary>What follows when a backend says no: another one where it says so to everybody, else the end.</summary>
    private async Task<StepResult> TurnAwayAsync(
        Prediction prediction,
        Submission mark,
        PredictionFailure failure,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        if (failure.Code == FailureCodes.BackendRejected && prediction.IsRouted)
        {
            await NoteFailureAsync(backend, failure, isLasting: true, cancellationToken);
            if (await router.HasOtherAsync(prediction with { Submission = null }, cancellationToken))
            {
                await UnmarkAsync(prediction, mark, cancellationToken);
                return StepResult.Later(step, time.GetUtcNow(), "queued");
            }
        }

        return await ending.FailAsync(prediction, failure, cancellationToken);
    }

    private Task NoteFailureAsync(
        IBackend backend,
        PredictionFailure failure,
        bool isLasting,
        CancellationToken cancellationToken
    ) => health.NoteFailureAsync(backend.Name, failure.Message, isLasting, cancellationToken);

    private async Task<StepResult> RecordAsync(
        Prediction prediction,
        Submission mark,
        string backendId,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var recorded = await store.ChangeAsync(
            prediction,
            p =>
                p.Submission == mark
                    ? p with
                    {
                        Submission = mark with { BackendId = backendId },
                        StartedAt = now,
                    }
                    : null,
            cancellationToken
        );
        if (recorded?.Submission?.BackendId == backendId)
        {
            return await FirstLookAsync(recorded, step, cancellationToken);
        }

        // Somebody gave the prediction up while we waited for the answer: nobody would ever fetch this run.
        Log.Orphaned(logger, prediction.Id, backend.Name, backendId);
        await backend.CancelAsync(backendId, cancellationToken);
        return StepResult.Later(step, now, "ending");
    }

    private async Task<StepResult> FirstLookAsync(
        Prediction prediction,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var books = await ledger.ReadRecentAsync(prediction.Backend, cancellationToken);
        var awaits = prediction.Submission!.Reported && books.Callbacks.Works;
        var wait = awaits
            ? PollSchedule.FirstUnreported(books.RunTimes, prediction.Model, prediction.Workload)
            : PollSchedule.FirstLook(books.RunTimes, prediction.Model, prediction.Workload);
        var next = step with { Kind = StepKind.Observe, Faults = 0, AwaitsReport = awaits };
        var couriers = await outbox.AppendAsync(prediction, PredictionEvent.Started, cancellationToken);
        return StepResult.Later(next, prediction.StartedAt!.Value + wait, "running").With(couriers);
    }

    private async Task<StepResult> ResolveMarkAsync(
        Prediction prediction,
        Submission mark,
        IAsynchronousBackend backend,
        PredictionStep step,
        CancellationToken cancellationToken
    )
    {
        var answered = mark.MarkedAt + backend.Limits.SubmitTimeout + AnswerGrace;
        if (time.GetUtcNow() < answered)
        {
            return StepResult.Later(step, answered, "submitting");
        }

        var failure = new PredictionFailure(
            FailureCodes.SubmissionUnknown,
            Retryable: false,
            $"The submission to {backend.Name} was interrupted before its answer was recorded: it may run and be billed. "
                + "Check there before asking again."
        );
        return await GiveUpAsync(prediction, mark, backend, step, failure, cancellationToken);
    }

    private async Task<StepResult> GiveUpAsync(
        Prediction prediction,
        Submission mark,
        IAsynchronousBackend backend,
        PredictionStep step,
        PredictionFailure failure,
        CancellationToken cancellationToken
    )
    {
        if (!backend.Limits.ResubmitUnknown)
        {
            return await ending.FailAsync(prediction, failure, cancellationToken);
        }

        await UnmarkAsync(prediction, mark, cancellationToken);
        return StepResult.Later(step, time.GetUtcNow(), "queued");
    }

    private Task<Prediction?> UnmarkAsync(
        Prediction prediction,
        Submission mark,
        CancellationToken cancellationToken
    ) =>
        store.ChangeAsync(
            prediction,
            p => p.Submission == mark ? p with { Status = PredictionStatus.Queued, Submission = null } : null,
            cancellationToken
        );

    private static PredictionFailure NotConfigured(string backend) =>
        new(
            FailureCodes.BackendUnavailable,
            Retryable: true,
            $"The backend {backend} that this prediction was accepted for is not configured any more."
        );

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Prediction {Id} did not reach {Backend} (attempt {Attempt}): {Reason}")]
        public static partial void NotSent(ILogger logger, PredictionId id, string backend, int attempt, string reason);

        [LoggerMessage(
            2,
            LogLevel.Error,
            "Prediction {Id}: the answer of {Backend} to its submission was lost: {Reason}"
        )]
        public static partial void AnswerLost(ILogger logger, PredictionId id, string backend, string reason);

        [LoggerMessage(
            3,
            LogLevel.Error,
            "Prediction {Id} had ended when {Backend} accepted it as {BackendId}; stopping it"
        )]
        public static partial void Orphaned(ILogger logger, PredictionId id, string backend, string backendId);
    }
}
