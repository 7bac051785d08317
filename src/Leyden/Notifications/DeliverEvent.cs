using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.Notifications;

/// <summary>
/// One attempt of a courier: takes charge of the log before it sends anything, sends the first pending event, and writes down what came
/// of it. Cut short in between it sends again, which receivers tell by the id.
/// </summary>
public sealed partial class DeliverEvent(
    DeliveryLogs logs,
    PredictionStore store,
    DeliveryTargets targets,
    EndpointStates endpoints,
    DeliverySchedule schedule,
    IEnumerable<INotificationChannel> channels,
    LeydenMetrics metrics,
    TimeProvider time,
    ILogger<DeliverEvent> logger
) : TaskActivity<DeliveryWork, DeliveryPause>
{
    /// <inheritdoc/>
    public override async Task<DeliveryPause> RunAsync(TaskActivityContext context, DeliveryWork input)
    {
        var stop = CancellationToken.None; // an activity has no token of its own: its calls have time-outs
        var log = await ClaimAsync(input, stop);
        if (log?.Value.Pending is not { } entry)
        {
            return DeliveryPause.Done;
        }

        if (entry.NextAttempt > time.GetUtcNow())
        {
            return new DeliveryPause(entry.NextAttempt);
        }

        if (await store.FindAsync(input.Owner, input.Id, stop) is not { } prediction)
        {
            return DeliveryPause.Done; // deleted: its deliveries went with it
        }

        var target = targets.Find(prediction, input.Target);
        if (target is null || await endpoints.FindAsync(target, stop) is not null)
        {
            return await ParkAsync(input, log, stop);
        }

        return await AttemptAsync(input, log, entry, prediction, target, stop);
    }

    private async Task<Versioned<DeliveryLog>?> ClaimAsync(DeliveryWork work, CancellationToken cancellationToken)
    {
        var log = await logs.FindAsync(work.Owner, work.Id, work.Target, cancellationToken);
        if (log?.Value.Charge == CourierState.Named)
        {
            log = await ChangeAsync(work, log, current => current.Claim(work.Courier), cancellationToken);
        }

        return IsInCharge(work, log) ? log : null;
    }

    private async Task<DeliveryPause> AttemptAsync(
        DeliveryWork work,
        Versioned<DeliveryLog> log,
        DeliveryEntry entry,
        Prediction prediction,
        DeliveryTarget target,
        CancellationToken cancellationToken
    )
    {
        var began = time.GetUtcNow();
        var start = time.GetTimestamp();
        var notification = new Notification(
            prediction.AsOf(entry.Event),
            entry.Event,
            entry.MessageId,
            entry.At,
            target
        );
        var answer = await SendAsync(prediction, notification, entry.AttemptCount + 1, cancellationToken);
        var took = Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 1);
        var attempt = new DeliveryAttempt(began, took, answer.Status, answer.Fault, answer.Excerpt);
        var verdict = schedule.Judge(answer, entry.Failures, time.GetUtcNow());
        Log.Attempted(logger, work.Id, entry.Event, work.Target, answer.Kind, answer.Status, took);
        await PutOutOfServiceAsync(work, target, verdict, cancellationToken);
        var written = await ChangeAsync(
            work,
            log,
            current => current.Record(work.Courier, entry.MessageId, attempt, verdict),
            cancellationToken
        );
        if (verdict is DeliveryVerdict.Park)
        {
            metrics.Parked(Word(target.Kind));
        }

        return Next(work, written);
    }

    private Task<ChannelAnswer> SendAsync(
        Prediction prediction,
        Notification notification,
        int number,
        CancellationToken cancellationToken
    ) =>
        PredictionTracing.RunAsync(
            "prediction.deliver",
            prediction.Id,
            prediction.Trace,
            logger,
            async span =>
            {
                span?.SetTag(TelemetryTags.Attempt, number);
                var kind = notification.Target.Kind;
                var answer = await channels.Single(c => c.Kind == kind).SendAsync(notification, cancellationToken);
                var (where, outcome) = (Word(kind), Word(answer.Kind));
                span?.SetTag(TelemetryTags.Kind, where).SetTag(TelemetryTags.Outcome, outcome);
                if (answer.Kind is not AnswerKind.Accepted)
                {
                    span.Fail(outcome);
                }

                metrics.Delivery(where, outcome);
                return answer;
            }
        );

    private static string Word(ChannelKind kind) =>
        kind switch
        {
            ChannelKind.Webhook => "webhook",
            ChannelKind.Queue => "queue",
            _ => "event_grid",
        };

    private static string Word(AnswerKind kind) =>
        kind switch
        {
            AnswerKind.Accepted => "delivered",
            AnswerKind.Throttled => "throttled",
            AnswerKind.Gone => "gone",
            _ => "failed",
        };

    // Before the log says so: what is parked must be found.
    private async Task PutOutOfServiceAsync(
        DeliveryWork work,
        DeliveryTarget target,
        DeliveryVerdict verdict,
        CancellationToken cancellationToken
    )
    {
        if (verdict is DeliveryVerdict.Park)
        {
            Log.Parked(logger, work.Id, work.Target);
            await logs.MarkParkedAsync(work.Owner, work.Id, work.Target, cancellationToken);
        }

        var state = verdict switch
        {
            DeliveryVerdict.Park => TargetState.Parked,
            DeliveryVerdict.Gone => TargetState.Gone,
            _ => TargetState.Active,
        };
        if (target.IsConfigured && state != TargetState.Active)
        {
            await endpoints.SetAsync(target, new OutOfService(state, time.GetUtcNow()), cancellationToken);
        }
    }

    private async Task<DeliveryPause> ParkAsync(
        DeliveryWork work,
        Versioned<DeliveryLog> log,
        CancellationToken cancellationToken
    )
    {
        await logs.MarkParkedAsync(work.Owner, work.Id, work.Target, cancellationToken);
        var parked = await ChangeAsync(work, log, current => current.Park(work.Courier), cancellationToken);
        metrics.Parked(Word(log.Value.Kind));
        return Next(work, parked);
    }

    private Task<Versioned<DeliveryLog>?> ChangeAsync(
        DeliveryWork work,
        Versioned<DeliveryLog> known,
        Func<DeliveryLog, DeliveryLog?> change,
        CancellationToken cancellationToken
    ) =>
        logs.ChangeAsync(
            work.Owner,
            work.Id,
            work.Target,
            current => current is null ? null : change(current),
            known,
            cancellationToken
        );

    private DeliveryPause Next(DeliveryWork work, Versioned<DeliveryLog>? log) =>
        IsInCharge(work, log) && log!.Value.Pending is { } next
            ? new DeliveryPause(next.NextAttempt ?? time.GetUtcNow())
            : DeliveryPause.Done;

    private static bool IsInCharge(DeliveryWork work, Versioned<DeliveryLog>? log) =>
        log?.Value.IsInCharge(work.Courier) == true;

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Information,
            "Prediction {Id}: {Event} to {Target}: {Outcome} (status {Status}) after {Milliseconds} ms"
        )]
        public static partial void Attempted(
            ILogger logger,
            PredictionId id,
            PredictionEvent @event,
            string target,
            AnswerKind outcome,
            int? status,
            double milliseconds
        );

        [LoggerMessage(2, LogLevel.Warning, "Prediction {Id}: {Target} has not answered for a whole schedule; parked")]
        public static partial void Parked(ILogger logger, PredictionId id, string target);
    }
}
