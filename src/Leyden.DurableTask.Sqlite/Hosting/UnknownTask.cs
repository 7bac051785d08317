using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>
/// The failure of a call to a task that nobody registered. It names what was asked for and nothing else: names come from
/// callers, and an answer must not tell them what else there is.
/// </summary>
internal static class UnknownTask
{
    /// <summary>Repeating such a call is pointless until a new version of the program runs.</summary>
    public static FailureDetails Orchestrator(string name) =>
        new("OrchestratorTaskNotFound", $"No orchestrator named '{name}' is registered.", null, null, true);

    /// <inheritdoc cref="Orchestrator"/>
    public static FailureDetails Activity(string? name) =>
        new("ActivityTaskNotFound", $"No activity named '{name}' is registered.", null, null, true);
}
