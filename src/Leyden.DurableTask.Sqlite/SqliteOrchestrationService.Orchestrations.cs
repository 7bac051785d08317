using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

// The orchestration dispatcher's side.
public sealed partial class SqliteOrchestrationService
{
    /// <summary>Messages given to one turn at most; more follow in the next.</summary>
    private const int MaxMessagesPerTurn = 500;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public int TaskOrchestrationDispatcherCount => 1;

    /// <inheritdoc/>
    public int MaxConcurrentTaskOrchestrationWorkItems => _options.MaxConcurrentOrchestrations;

    /// <summary>Events that an instance has not consumed are carried over to its next generation.</summary>
    public BehaviorOnContinueAsNew EventBehaviourForContinueAsNew => BehaviorOnContinueAsNew.Carryover;

    /// <summary>False: a turn may send any number of messages.</summary>
    public bool IsMaxMessageCountExceeded(int currentMessageCount, OrchestrationRuntimeState runtimeState) => false;

    /// <summary>0: instances back off one by one, the dispatcher never as a whole.</summary>
    public int GetDelayInSecondsAfterOnProcessException(Exception exception) => 0;

    /// <summary>1 second after a failed read, none after a cancelled wait.</summary>
    public int GetDelayInSecondsAfterOnFetchException(Exception exception) =>
        exception is OperationCanceledException ? 0 : 1;

    /// <summary>Locks the next instance that has messages; null when none got any in time, or on cancellation.</summary>
    public async Task<TaskOrchestrationWorkItem> LockNextTaskOrchestrationWorkItemAsync(
        TimeSpan receiveTimeout,
        CancellationToken cancellationToken
    )
    {
        var database = await OpenAsync();
        while (await database.Schedules.Instances.TakeAsync(receiveTimeout, cancellationToken) is { } key)
        {
            try
            {
                if (await ReadWorkItemAsync(database, key) is { } item)
                {
                    return item;
                }

                database.Schedules.Instances.Unlock(key);
            }
            catch
            {
                database.Schedules.Instances.BackOff(key, FirstBackOff);
                database.Schedules.Instances.Unlock(key);
                throw;
            }
        }

        return null!;
    }

    /// <summary>Does nothing: locks have no end, since the file has one owner.</summary>
    public Task RenewTaskOrchestrationWorkItemLockAsync(TaskOrchestrationWorkItem workItem) => Task.CompletedTask;

    /// <summary>Writes the outcome of a turn as one transaction.</summary>
    public async Task CompleteTaskOrchestrationWorkItemAsync(
        TaskOrchestrationWorkItem workItem,
        OrchestrationRuntimeState newOrchestrationRuntimeState,
        IList<TaskMessage> outboundMessages,
        IList<TaskMessage> orchestratorMessages,
        IList<TaskMessage> timerMessages,
        TaskMessage continuedAsNewMessage,
        OrchestrationState orchestrationState
    )
    {
        var database = await OpenAsync();
        var item = (SqliteOrchestrationWorkItem)workItem;
        if (continuedAsNewMessage is not null)
        {
            // The dispatcher runs the next generation within the same turn; its start is part of the new history.
            throw new NotSupportedException("Messages that start the next generation are not supported.");
        }

        var turn = new OrchestrationTurn(
            item,
            newOrchestrationRuntimeState,
            outboundMessages,
            [.. orchestratorMessages, .. timerMessages],
            orchestrationState
        );
        await database.WriteAsync(session => turn.Write(session, database.Run, database.Now));
        if (orchestrationState is not null && Instances.IsActive(orchestrationState.OrchestrationStatus))
        {
            _histories.Put(item.Identity.Key, newOrchestrationRuntimeState.Events, turn.HistoryBytes);
        }
    }

    /// <summary>
    /// Gives a turn up, to be repeated after a growing delay (100 ms to 30 s). Each repetition counts as a delivery attempt.
    /// </summary>
    public async Task AbandonTaskOrchestrationWorkItemAsync(TaskOrchestrationWorkItem workItem)
    {
        var database = await OpenAsync();
        var item = (SqliteOrchestrationWorkItem)workItem;
        var delay = BackOffAfter(item.Messages.Max(message => message.Attempts));
        Log.TurnAbandoned(_logger, item.InstanceId, delay);
        // The dispatcher releases the instance after this; then the delay begins.
        database.Schedules.Instances.BackOff(item.Identity.Key, delay);
        await database.WriteAsync(session =>
        {
            foreach (var message in item.Messages)
            {
                Inbox.Charge(session, item.Identity.Key, message.Id, database.Run.Number);
            }

            return new Announcements();
        });
    }

    /// <summary>Unlocks the instance; it is handed out again if messages came meanwhile.</summary>
    public async Task ReleaseTaskOrchestrationWorkItemAsync(TaskOrchestrationWorkItem workItem)
    {
        var database = await OpenAsync();
        database.Schedules.Instances.Unlock(((SqliteOrchestrationWorkItem)workItem).Identity.Key);
    }

    private static TimeSpan BackOffAfter(int attempts)
    {
        var factor = Math.Pow(2, Math.Min(attempts - 1, 20));
        var delay = FirstBackOff * factor;
        return delay < LongestBackOff ? delay : LongestBackOff;
    }

    private static FailureDetails Poison(string what, int attempts) =>
        new(
            "PoisonMessage",
            $"{what} was handed out {attempts} times without being completed. "
                + "Either processing it ends the process, or its result cannot be stored.",
            stackTrace: null,
            innerFailure: null,
            isNonRetriable: true
        );

    private static FailureDetails Unreadable(Exception cause) =>
        new("UnreadableHistory", $"Stored events cannot be read: {cause.Message}", null, null, isNonRetriable: true);

    /// <summary>Reads a locked instance and its messages; null when there is nothing to do for it now.</summary>
    private async Task<SqliteOrchestrationWorkItem?> ReadWorkItemAsync(OpenDatabase database, long key)
    {
        var cached = _histories.Take(key);
        var now = database.Now.Ticks;
        var (row, messages, history) = await database.ReadAsync(session =>
        {
            var messages = Inbox.ReadVisible(session, key, now, MaxMessagesPerTurn);
            return messages.Count == 0
                ? (null, messages, [])
                : (Instances.Find(session, key), messages, cached is null ? History.Read(session, key) : []);
        });
        if (row is not { IsActive: true })
        {
            return null;
        }

        if (messages.Any(message => message.ChargedIn != database.Run.Number))
        {
            messages = await ChargeAsync(database, key, messages);
        }

        try
        {
            var events = cached?.Events ?? history.ConvertAll(json => HistorySerializer.DeserializeEvent(json));
            var newMessages = messages.ConvertAll(message => HistorySerializer.DeserializeMessage(message.Json));
            if (events.Count == 0 && newMessages[0].Event is not ExecutionStartedEvent)
            {
                // Its start is scheduled for later; what comes before waits with it.
                return null;
            }

            if (messages.FindIndex(message => message.Attempts > _options.MaxDeliveryAttempts) is >= 0 and var poison)
            {
                var what = $"A {newMessages[poison].Event.EventType} message";
                await FailAsync(database, row.Identity, Poison(what, messages[poison].Attempts - 1));
                return null;
            }

            if (messages.Count == MaxMessagesPerTurn)
            {
                database.Schedules.Instances.MarkDirty(key);
            }

            return new SqliteOrchestrationWorkItem
            {
                InstanceId = row.Identity.InstanceId,
                Identity = row.Identity,
                CreatedAt = row.CreatedAt,
                Messages = messages,
                NewMessages = newMessages,
                HistoryCount = events.Count,
                HistoryBytes = cached?.Bytes ?? history.Sum(json => (long)json.Length),
                OrchestrationRuntimeState = new OrchestrationRuntimeState(events),
                LockedUntilUtc = DateTime.MaxValue,
            };
        }
        catch (Exception e) when (HistorySerializer.IsUnreadable(e))
        {
            await FailAsync(database, row.Identity, Unreadable(e));
            return null;
        }
    }

    /// <summary>Counts this delivery of messages that another run has left.</summary>
    private static async Task<List<InboxMessage>> ChargeAsync(
        OpenDatabase database,
        long instanceKey,
        List<InboxMessage> messages
    )
    {
        var run = database.Run.Number;
        await database.WriteAsync(session =>
        {
            foreach (var message in messages.Where(message => message.ChargedIn != run))
            {
                Inbox.Charge(session, instanceKey, message.Id, run);
            }

            return new Announcements();
        });
        return messages.ConvertAll(message =>
            message.ChargedIn == run ? message : message with { Attempts = message.Attempts + 1, ChargedIn = run }
        );
    }

    private async Task FailUnreadableAsync(OpenDatabase database, long key, Exception cause)
    {
        if (await database.ReadAsync(session => Instances.Find(session, key)) is { } row)
        {
            await FailAsync(database, row.Identity, Unreadable(cause));
        }
    }

    private async Task FailAsync(OpenDatabase database, InstanceIdentity instance, FailureDetails failure)
    {
        Log.InstanceFailed(_logger, instance.InstanceId, failure.ErrorMessage);
        await database.WriteAsync(
            (session, announcements) =>
                InstanceEnding.Write(
                    session,
                    database.Run,
                    instance,
                    OrchestrationStatus.Failed,
                    failure,
                    output: null,
                    database.Now,
                    announcements
                )
        );
    }
}
