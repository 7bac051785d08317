using System.Text;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

// The client's side.
public sealed partial class SqliteOrchestrationService
{
    /// <inheritdoc cref="CreateTaskOrchestrationAsync(TaskMessage, OrchestrationStatus[])"/>
    public Task CreateTaskOrchestrationAsync(TaskMessage creationMessage) =>
        CreateTaskOrchestrationAsync(creationMessage, []);

    /// <summary>Starts an instance; one that has ended under the same id is replaced.</summary>
    /// <param name="creationMessage">An <see cref="ExecutionStartedEvent"/>, possibly scheduled for later.</param>
    /// <param name="dedupeStatuses">Statuses in which an ended instance is not replaced but refuses the start. Null means none.</param>
    /// <exception cref="OrchestrationAlreadyExistsException">
    /// The instance is pending, running or suspended, or ended in one of <paramref name="dedupeStatuses"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The message is of another kind, or names no orchestration or no instance.</exception>
    public async Task CreateTaskOrchestrationAsync(TaskMessage creationMessage, OrchestrationStatus[]? dedupeStatuses)
    {
        ArgumentNullException.ThrowIfNull(creationMessage);
        if (creationMessage.Event is not ExecutionStartedEvent { Name: not null })
        {
            throw new ArgumentException(
                "Only ExecutionStarted messages with a name start an instance.",
                nameof(creationMessage)
            );
        }

        var id = creationMessage.OrchestrationInstance?.InstanceId;
        ArgumentException.ThrowIfNullOrWhiteSpace(id, nameof(creationMessage));
        var database = await OpenAsync();
        var start = OutgoingMessage.Of(creationMessage);
        var refusedBy = await database.WriteAsync<OrchestrationStatus?>(
            (session, announcements) =>
            {
                var existing = Instances.Find(session, id);
                if (existing is not null && (existing.IsActive || dedupeStatuses?.Contains(existing.Status) == true))
                {
                    return existing.Status;
                }

                MessageDelivery.Start(session, database.Run, start, existing, database.Now, announcements);
                return null;
            }
        );
        if (refusedBy is { } status)
        {
            throw new OrchestrationAlreadyExistsException(
                $"An orchestration with id '{id}' already exists; it is {status}."
            );
        }
    }

    /// <inheritdoc cref="SendTaskOrchestrationMessageBatchAsync"/>
    public Task SendTaskOrchestrationMessageAsync(TaskMessage message) =>
        SendTaskOrchestrationMessageBatchAsync(message);

    /// <summary>
    /// Sends messages in one transaction: events, suspend, resume, terminate. What is addressed to an unknown or ended instance is
    /// dropped. Terminating an instance whose start is scheduled for later ends it at once.
    /// </summary>
    public async Task SendTaskOrchestrationMessageBatchAsync(params TaskMessage[] messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var database = await OpenAsync();
        var outgoing = messages.Select(OutgoingMessage.Of).ToList();
        var dropped = await database.WriteAsync(
            (session, announcements) => outgoing.FindAll(message => !Send(session, database, message, announcements))
        );
        foreach (var (message, _) in dropped)
        {
            Log.MessageDropped(_logger, message.Event.EventType.ToString(), message.OrchestrationInstance.InstanceId);
        }
    }

    /// <summary>Asks an instance to end as terminated; queued activities of it no longer run.</summary>
    public Task ForceTerminateTaskOrchestrationAsync(string instanceId, string reason) =>
        SendTaskOrchestrationMessageAsync(
            new TaskMessage
            {
                OrchestrationInstance = new OrchestrationInstance { InstanceId = instanceId },
                Event = new ExecutionTerminatedEvent(-1, reason),
            }
        );

    /// <summary>Waits until an instance has ended. It may not exist yet.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="executionId">
    /// The execution id that its start returned; null or empty for whichever is current. Generations that follow by ContinueAsNew belong to
    /// the same start; an instance that is started anew under the same id does not.
    /// </param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The final state, or null when the time ran out first.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<OrchestrationState> WaitForOrchestrationAsync(
        string instanceId,
        string? executionId,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        var database = await OpenAsync();
        using var waiter = database.Schedules.Waiters.Add(instanceId, executionId);
        var found = await database.ReadAsync(session => Instances.FindState(session, instanceId), cancellationToken);
        if (found is { } instance && waiter.IsFor(instance.Identity))
        {
            if (!Instances.IsActive(instance.State.OrchestrationStatus))
            {
                return instance.State;
            }

            waiter.Bind(instance.Identity.Key);
        }

        try
        {
            // Longer than any timer can count is as good as for ever.
            var limit = timeout > TimeSpan.FromDays(40) ? Timeout.InfiniteTimeSpan : timeout;
            return await waiter.Task.WaitAsync(limit, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null!;
        }
    }

    /// <summary>The state of an instance, as a list of one or none: earlier generations are not kept.</summary>
    public async Task<IList<OrchestrationState>> GetOrchestrationStateAsync(string instanceId, bool allExecutions) =>
        await GetOrchestrationStateAsync(instanceId, executionId: null) is { } state ? [state] : [];

    /// <summary>The state of an instance; null when there is none, or not with this execution id (null or empty for any).</summary>
    public async Task<OrchestrationState> GetOrchestrationStateAsync(string instanceId, string? executionId)
    {
        var database = await OpenAsync();
        var found = await database.ReadAsync(session => Instances.FindState(session, instanceId));
        return
            found is { } instance && (string.IsNullOrEmpty(executionId) || instance.Identity.HasExecution(executionId))
            ? instance.State
            : null!;
    }

    /// <summary>
    /// The history of the current generation as a JSON array, in the form in which it is stored; <c>[]</c> when there is no such instance.
    /// </summary>
    public async Task<string> GetOrchestrationHistoryAsync(string instanceId, string? executionId)
    {
        var database = await OpenAsync();
        var events = await database.ReadAsync(session =>
            Instances.Find(session, instanceId) is { } row
            && (string.IsNullOrEmpty(executionId) || row.Identity.HasExecution(executionId))
                ? History.Read(session, row.Key)
                : []
        );
        return $"[{string.Join(',', events.Select(Encoding.UTF8.GetString))}]";
    }

    private static bool Send(
        SqliteSession session,
        OpenDatabase database,
        OutgoingMessage outgoing,
        Announcements announcements
    )
    {
        var now = database.Now;
        if (
            outgoing.Message.Event is ExecutionTerminatedEvent terminated
            && Instances.Find(session, outgoing.Message.OrchestrationInstance.InstanceId)
                is { Status: OrchestrationStatus.Pending, ScheduledAt: { } at } scheduled
            && at > now
        )
        {
            return InstanceEnding.Write(
                session,
                database.Run,
                scheduled.Identity,
                OrchestrationStatus.Terminated,
                failure: null,
                terminated.Input,
                now,
                announcements
            );
        }

        return MessageDelivery.Deliver(session, database.Run, outgoing, now, announcements);
    }
}
