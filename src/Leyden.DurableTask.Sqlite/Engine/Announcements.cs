using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// What an operation has to tell the in-memory schedules and waiters once it is committed, collected while it runs. An operation that is rolled
/// back tells nobody anything.
/// </summary>
internal sealed class Announcements
{
    private List<QueuedActivity>? _activities;
    private List<long>? _discarded;
    private List<(InstanceIdentity Instance, OrchestrationState State)>? _finished;
    private List<(long InstanceKey, long VisibleFrom)>? _messages;

    /// <summary>A message was added to the inbox of an instance, visible from a time in UTC ticks, or 0 for now.</summary>
    public void Message(long instanceKey, long visibleFrom) => (_messages ??= []).Add((instanceKey, visibleFrom));

    public void Activity(QueuedActivity activity) => (_activities ??= []).Add(activity);

    /// <summary>The queued activities of an instance were removed.</summary>
    public void ActivitiesDiscarded(long instanceKey) => (_discarded ??= []).Add(instanceKey);

    public void Finished(InstanceIdentity instance, OrchestrationState state) =>
        (_finished ??= []).Add((instance, state));

    /// <summary>Tells all of it; called in the order of the commits.</summary>
    public void Publish(Schedules schedules)
    {
        foreach (var key in _discarded ?? [])
        {
            schedules.Activities.Discard(key);
        }

        if (_activities is not null)
        {
            schedules.Activities.Add(_activities);
        }

        foreach (var (key, visibleFrom) in _messages ?? [])
        {
            if (visibleFrom == 0)
            {
                schedules.Instances.Notify(key);
            }
            else
            {
                schedules.Timers.Schedule(visibleFrom);
            }
        }

        foreach (var (instance, state) in _finished ?? [])
        {
            schedules.Waiters.Complete(instance, state);
        }
    }
}
