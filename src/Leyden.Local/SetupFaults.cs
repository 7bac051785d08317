using Leyden.DurableTask.Sqlite;

namespace Leyden.Local;

/// <summary>Says in one line what keeps a host from starting, where that is a matter of settings and surroundings.</summary>
internal static class SetupFaults
{
    /// <summary>Explains a fault.</summary>
    /// <returns>One line for people; null when it is a fault of this program, or has a handler of its own.</returns>
    public static string? Explain(Exception fault) =>
        fault switch
        {
            DatabaseInUseException => null,
            IOException or UnauthorizedAccessException => fault.Message,
            _ => SettingFaults.Explain(fault),
        };
}
