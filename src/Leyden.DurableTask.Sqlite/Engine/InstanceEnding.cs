using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Ends an instance from the outside: poison messages, a history that cannot be read, termination before the start. The reason is in the output, in
/// the failure details and at the end of the history, and a waiting parent is told.
/// </summary>
internal static class InstanceEnding
{
    /// <summary>False when the instance is gone or has ended already.</summary>
    public static bool Write(
        SqliteSession session,
        Run run,
        InstanceIdentity instance,
        OrchestrationStatus status,
        FailureDetails? failure,
        string? output,
        DateTime now,
        Announcements announcements
    )
    {
        if (
            Instances.FindState(session, instance.InstanceId) is not { } found
            || found.Identity.Key != instance.Key
            || !Instances.IsActive(found.State.OrchestrationStatus)
        )
        {
            return false;
        }

        var state = found.State;
        state.OrchestrationStatus = status;
        state.Output = output ?? failure?.ToString();
        state.FailureDetails = failure;
        state.LastUpdatedTime = now;
        state.CompletedTime = now;
        var completed = new ExecutionCompletedEvent(-1, state.Output, status, failure) { Timestamp = now };
        History.Append(
            session,
            instance.Key,
            History.Count(session, instance.Key),
            HistorySerializer.Serialize(completed)
        );
        Instances.Update(
            session,
            instance.Key,
            state,
            failure is null ? null : HistorySerializer.Serialize(failure),
            now
        );
        Inbox.DeleteAll(session, instance.Key);
        if (Activities.DeleteAll(session, instance.Key))
        {
            announcements.ActivitiesDiscarded(instance.Key);
        }

        var told = failure ?? new FailureDetails(status.ToString(), output ?? status.ToString(), null, null, true);
        if (ParentNotice.For(state.ParentInstance, state.Tags, told) is { } notice)
        {
            MessageDelivery.Deliver(session, run, OutgoingMessage.Of(notice), now, announcements);
        }

        announcements.Finished(found.Identity, state);
        return true;
    }
}
