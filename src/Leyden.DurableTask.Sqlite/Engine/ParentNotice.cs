using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>The message that tells a parent that its sub-orchestration failed, for the cases in which the engine ends it, not the dispatcher.</summary>
internal static class ParentNotice
{
    /// <summary>Null when there is no parent, or none that waits.</summary>
    public static TaskMessage? For(ParentInstance? parent, IDictionary<string, string>? tags, FailureDetails failure)
    {
        if (parent is null || tags?.ContainsKey(OrchestrationTags.FireAndForget) == true)
        {
            return null;
        }

        return new TaskMessage
        {
            OrchestrationInstance = parent.OrchestrationInstance,
            Event = new SubOrchestrationInstanceFailedEvent(
                -1,
                parent.TaskScheduleId,
                failure.ErrorMessage,
                details: null,
                failure
            ),
        };
    }
}
