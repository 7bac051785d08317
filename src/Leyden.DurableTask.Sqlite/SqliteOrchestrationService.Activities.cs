using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

// The activity dispatcher's side.
public sealed partial class SqliteOrchestrationService
{
    /// <inheritdoc/>
    public int TaskActivityDispatcherCount => 1;

    /// <inheritdoc/>
    public int MaxConcurrentTaskActivityWorkItems => _options.MaxConcurrentActivities;

    /// <summary>Takes the next activity; null when there was none in time, or on cancellation.</summary>
    public async Task<TaskActivityWorkItem> LockNextTaskActivityWorkItem(
        TimeSpan receiveTimeout,
        CancellationToken cancellationToken
    )
    {
        var database = await OpenAsync();
        while (await database.Schedules.Activities.TakeAsync(receiveTimeout, cancellationToken) is { } queued)
        {
            try
            {
                if (await HandOutAsync(database, queued) is { } activity)
                {
                    return new SqliteActivityWorkItem
                    {
                        Id = $"{activity.Id}",
                        Activity = activity,
                        TaskMessage = activity.Message,
                        LockedUntilUtc = DateTime.MaxValue,
                    };
                }
            }
            catch
            {
                // Not counted, so not handed out: it stays in the queue.
                database.Schedules.Activities.Retry(queued, FirstBackOff);
                throw;
            }
        }

        return null!;
    }

    /// <summary>Does nothing: locks have no end, since the file has one owner.</summary>
    public Task<TaskActivityWorkItem> RenewTaskActivityWorkItemLockAsync(TaskActivityWorkItem workItem) =>
        Task.FromResult(workItem);

    /// <summary>Sends the result to the orchestration. Only the first result of an activity counts.</summary>
    public async Task CompleteTaskActivityWorkItemAsync(TaskActivityWorkItem workItem, TaskMessage responseMessage)
    {
        var database = await OpenAsync();
        await CompleteAsync(database, ((SqliteActivityWorkItem)workItem).Activity, responseMessage);
    }

    /// <summary>Gives an activity up, to be repeated after a growing delay (100 ms to 30 s). Each repetition counts as a delivery attempt.</summary>
    public async Task AbandonTaskActivityWorkItemAsync(TaskActivityWorkItem workItem)
    {
        var database = await OpenAsync();
        var activity = ((SqliteActivityWorkItem)workItem).Activity;
        var delay = BackOffAfter(activity.Attempts);
        Log.ActivityAbandoned(_logger, NameOf(activity), activity.Message.OrchestrationInstance.InstanceId, delay);
        QueuedActivity? again = activity;
        try
        {
            again = await ChargeAsync(database, activity);
        }
        finally
        {
            // Also when counting has failed (disk full): it must not vanish from the queue.
            if (again is not null)
            {
                database.Schedules.Activities.Retry(again, delay);
            }
        }
    }

    /// <summary>Counts a delivery if need be; null when the activity is gone or was given up.</summary>
    private async Task<QueuedActivity?> HandOutAsync(OpenDatabase database, QueuedActivity queued)
    {
        var activity = queued.ChargedIn == database.Run.Number ? queued : await ChargeAsync(database, queued);
        if (activity is null || activity.Attempts <= _options.MaxDeliveryAttempts)
        {
            return activity;
        }

        await GiveUpAsync(database, activity);
        return null;
    }

    private static string NameOf(QueuedActivity activity) => ((TaskScheduledEvent)activity.Message.Event).Name ?? "";

    /// <summary>Counts the coming delivery; null when the activity is gone.</summary>
    private static async Task<QueuedActivity?> ChargeAsync(OpenDatabase database, QueuedActivity activity)
    {
        var attempts = await database.WriteAsync(
            (session, _) => Activities.Charge(session, activity.InstanceKey, activity.Id, database.Run.Number)
        );
        return attempts is { } count ? activity with { Attempts = count, ChargedIn = database.Run.Number } : null;
    }

    private static async Task CompleteAsync(OpenDatabase database, QueuedActivity activity, TaskMessage response)
    {
        var json = HistorySerializer.Serialize(response);
        await database.WriteAsync(session =>
        {
            var announcements = new Announcements();
            if (
                Activities.Delete(session, activity.InstanceKey, activity.Id)
                && Instances.Find(session, activity.InstanceKey) is { IsActive: true } target
                && target.Identity.IsCurrent(response.OrchestrationInstance)
            )
            {
                MessageDelivery.Add(
                    session,
                    database.Run,
                    activity.InstanceKey,
                    response,
                    json,
                    database.Now,
                    announcements
                );
            }

            return announcements;
        });
    }

    private async Task GiveUpAsync(OpenDatabase database, QueuedActivity activity)
    {
        var attempts = activity.Attempts - 1;
        var instance = activity.Message.OrchestrationInstance;
        Log.ActivityGivenUp(_logger, NameOf(activity), instance.InstanceId, attempts);
        var failure = Poison($"Activity '{NameOf(activity)}'", attempts);
        await CompleteAsync(
            database,
            activity,
            new TaskMessage
            {
                OrchestrationInstance = instance,
                Event = new TaskFailedEvent(
                    -1,
                    activity.Message.Event.EventId,
                    failure.ErrorMessage,
                    details: null,
                    failure
                ),
            }
        );
    }

    private sealed class SqliteActivityWorkItem : TaskActivityWorkItem
    {
        public required QueuedActivity Activity { get; init; }
    }
}
