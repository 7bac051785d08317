using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>A message with its stored form, made before the writer's thread is taken.</summary>
internal readonly record struct OutgoingMessage(TaskMessage Message, byte[] Json)
{
    public static OutgoingMessage Of(TaskMessage message) => new(message, HistorySerializer.Serialize(message));
}

/// <summary>Puts messages into inboxes, inside an operation of the writer.</summary>
internal static class MessageDelivery
{
    /// <summary>
    /// Delivers a message to the instance that it names. False when it was dropped: no such instance, one that has ended, or another
    /// execution of it than the one addressed.
    /// </summary>
    public static bool Deliver(
        SqliteSession session,
        Run run,
        OutgoingMessage outgoing,
        DateTime now,
        Announcements announcements
    )
    {
        var (message, json) = outgoing;
        if (message.Event is ExecutionStartedEvent { ParentInstance: not null } started)
        {
            return StartSubOrchestration(session, run, outgoing, started, now, announcements);
        }

        var target = Instances.Find(session, message.OrchestrationInstance.InstanceId);
        if (target is not { IsActive: true } || !Addresses(message, target))
        {
            return false;
        }

        Add(session, run, target.Key, message, json, now, announcements);
        return true;
    }

    /// <summary>Adds a message to the inbox of an instance that is known to be active.</summary>
    public static void Add(
        SqliteSession session,
        Run run,
        long instanceKey,
        TaskMessage message,
        byte[] json,
        DateTime now,
        Announcements announcements
    )
    {
        var visibleFrom = VisibleFrom(message.Event, now);
        Inbox.Insert(session, run, instanceKey, message.OrchestrationInstance.ExecutionId, visibleFrom, json);
        announcements.Message(instanceKey, visibleFrom);
    }

    /// <summary>Creates an instance under an id that is free, or whose instance has ended and is removed with all that belongs to it.</summary>
    public static void Start(
        SqliteSession session,
        Run run,
        OutgoingMessage start,
        InstanceRow? replaced,
        DateTime now,
        Announcements announcements
    )
    {
        if (replaced is not null)
        {
            Instances.Delete(session, replaced.Key);
            announcements.ActivitiesDiscarded(replaced.Key);
        }

        var key = run.NextInstanceKey();
        Instances.Insert(session, key, start.Message, now);
        Add(session, run, key, start.Message, start.Json, now, announcements);
    }

    private static bool StartSubOrchestration(
        SqliteSession session,
        Run run,
        OutgoingMessage outgoing,
        ExecutionStartedEvent started,
        DateTime now,
        Announcements announcements
    )
    {
        var id = outgoing.Message.OrchestrationInstance.InstanceId;
        var existing = Instances.Find(session, id);
        if (existing is not { IsActive: true })
        {
            Start(session, run, outgoing, existing, now, announcements);
            return true;
        }

        // The id is taken by an instance that still runs. The parent must hear of it, or it would wait for ever.
        var failure = new FailureDetails(
            "OrchestrationAlreadyExists",
            $"An orchestration with id '{id}' already exists; it is {existing.Status}.",
            stackTrace: null,
            innerFailure: null,
            isNonRetriable: true
        );
        if (ParentNotice.For(started.ParentInstance, started.Tags, failure) is { } notice)
        {
            Deliver(session, run, OutgoingMessage.Of(notice), now, announcements);
        }

        return false;
    }

    private static bool Addresses(TaskMessage message, InstanceRow target) =>
        string.IsNullOrEmpty(message.OrchestrationInstance.ExecutionId)
        || message.OrchestrationInstance.ExecutionId == target.Identity.ExecutionId;

    private static long VisibleFrom(HistoryEvent historyEvent, DateTime now)
    {
        DateTime? at = historyEvent switch
        {
            TimerFiredEvent timer => JsonValues.ToUtc(timer.FireAt),
            ExecutionStartedEvent { ScheduledStartTime: { } start } => JsonValues.ToUtc(start),
            _ => null,
        };
        return at > now ? at.Value.Ticks : 0;
    }
}
