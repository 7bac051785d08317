namespace Leyden.TestSupport;

/// <summary>An orchestrator no longer does what a recorded history says.</summary>
/// <param name="orchestrator">The class of today.</param>
/// <param name="source">The recorded history.</param>
/// <param name="difference">What is otherwise, as a sentence.</param>
public sealed class HistoryMismatchException(Type orchestrator, string source, string difference)
    : Exception(
        $"{orchestrator?.Name} no longer replays {source}: {difference} "
            + "Instances that run while this version is deployed would fail. Keep the order of calls for them (branch on "
            + "TaskOrchestrationContext.Version), or, if no such instance can exist any more, record the history anew."
    )
{
    /// <summary>What is otherwise, as a sentence.</summary>
    public string Difference { get; } = difference;
}
