using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>An orchestration that is being worked on: what was read, so that completing needs no reading.</summary>
internal sealed class SqliteOrchestrationWorkItem : TaskOrchestrationWorkItem
{
    public required InstanceIdentity Identity { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required List<InboxMessage> Messages { get; init; }

    /// <summary>How many events the stored history has.</summary>
    public required int HistoryCount { get; init; }

    /// <summary>Size of the stored history.</summary>
    public required long HistoryBytes { get; init; }
}

/// <summary>
/// The outcome of one turn of an orchestrator: consumed messages, new history, new state and outgoing messages, written as one operation.
/// Everything is serialised on construction, before the writer's thread is taken.
/// </summary>
internal sealed class OrchestrationTurn
{
    private readonly List<OutgoingMessage> _activities;
    private readonly List<byte[]> _events;
    private readonly byte[]? _failure;
    private readonly SqliteOrchestrationWorkItem _item;
    private readonly List<OutgoingMessage> _messages;
    private readonly bool _newGeneration;
    private readonly OrchestrationState? _state;

    public OrchestrationTurn(
        SqliteOrchestrationWorkItem item,
        OrchestrationRuntimeState runtimeState,
        IEnumerable<TaskMessage> activities,
        IEnumerable<TaskMessage> messages,
        OrchestrationState? state
    )
    {
        _item = item;
        _state = state;
        if (state is null)
        {
            // The dispatcher has dropped the messages: nothing else changes.
            (_activities, _events, _messages) = ([], [], []);
            return;
        }

        _newGeneration =
            item.HistoryCount > 0
            && runtimeState.OrchestrationInstance is { } instance
            && !item.Identity.IsCurrent(instance);
        // After ContinueAsNew the runtime state is a new one; all its events are new.
        var events = StartsHistory ? runtimeState.Events : runtimeState.NewEvents;
        _events = events.Select(HistorySerializer.Serialize).ToList();
        _activities = activities.Select(OutgoingMessage.Of).ToList();
        _messages = messages.Select(OutgoingMessage.Of).ToList();
        _failure = state.FailureDetails is { } failure ? HistorySerializer.Serialize(failure) : null;
    }

    /// <summary>Size of the history after this turn.</summary>
    public long HistoryBytes => (StartsHistory ? 0 : _item.HistoryBytes) + _events.Sum(e => (long)e.Length);

    private bool StartsHistory => _newGeneration || _item.HistoryCount == 0;

    public Announcements Write(SqliteSession session, Run run, DateTime now)
    {
        var announcements = new Announcements();
        foreach (var message in _item.Messages)
        {
            Inbox.Delete(session, _item.Identity.Key, message.Id);
        }

        // False when the instance was purged or replaced under the work item: then there is nothing to write to.
        if (_state is null || !Instances.Update(session, _item.Identity.Key, _state, _failure, now))
        {
            return announcements;
        }

        WriteHistory(session);
        WriteMessages(session, run, now, announcements);
        if (Instances.IsActive(_state.OrchestrationStatus))
        {
            WriteActivities(session, run, announcements);
        }
        else
        {
            End(session, now, announcements);
        }

        return announcements;
    }

    private void WriteHistory(SqliteSession session)
    {
        var key = _item.Identity.Key;
        if (!_item.Identity.IsCurrent(_state!.OrchestrationInstance))
        {
            // ContinueAsNew. Events stay for the next generation; timers and answers of the last one must not reach it.
            History.Clear(session, key);
            Inbox.DeleteOtherExecutions(session, key, _state.OrchestrationInstance.ExecutionId);
            Instances.ReplaceInput(session, key, _state.Input);
        }

        var sequence = StartsHistory ? 0 : _item.HistoryCount;
        foreach (var json in _events)
        {
            History.Append(session, key, sequence++, json);
        }
    }

    private void WriteMessages(SqliteSession session, Run run, DateTime now, Announcements announcements)
    {
        foreach (var outgoing in _messages)
        {
            if (outgoing.Message.Event is TimerFiredEvent)
            {
                // To itself; no need to look the instance up. Of a generation that ended in this very turn it is stale already.
                if (outgoing.Message.OrchestrationInstance.ExecutionId == _state!.OrchestrationInstance.ExecutionId)
                {
                    MessageDelivery.Add(
                        session,
                        run,
                        _item.Identity.Key,
                        outgoing.Message,
                        outgoing.Json,
                        now,
                        announcements
                    );
                }
            }
            else
            {
                MessageDelivery.Deliver(session, run, outgoing, now, announcements);
            }
        }
    }

    private void WriteActivities(SqliteSession session, Run run, Announcements announcements)
    {
        foreach (var (message, json) in _activities)
        {
            var id = Activities.Insert(session, run, _item.Identity.Key, json);
            announcements.Activity(new QueuedActivity(id, _item.Identity.Key, 1, run.Number, message));
        }
    }

    /// <summary>A finished instance has no use for messages, and nobody would hear of its activities.</summary>
    private void End(SqliteSession session, DateTime now, Announcements announcements)
    {
        var key = _item.Identity.Key;
        Inbox.DeleteAll(session, key);
        if (Activities.DeleteAll(session, key))
        {
            announcements.ActivitiesDiscarded(key);
        }

        // As a later read will tell it: the start of the instance, not of its last generation.
        _state!.CreatedTime = _item.CreatedAt;
        _state.LastUpdatedTime = now;
        _state.CompletedTime = now;
        announcements.Finished(_item.Identity with { ExecutionId = _state.OrchestrationInstance.ExecutionId }, _state);
    }
}
