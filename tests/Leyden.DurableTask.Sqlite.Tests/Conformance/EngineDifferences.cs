namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>
/// What an engine does otherwise than the SQLite provider, by its own nature and not by ours. Facts ask this table; the
/// table of <c>docs/engine-differences.md</c> has the same rows.
/// </summary>
internal sealed record EngineDifference(string Title, string[] Engines)
{
    public bool AppliesTo(Engine engine) => Engines.Contains(engine.Name);
}

internal static class EngineDifferences
{
    /// <summary>Queue visibility counts whole seconds, and fractions are cut off.</summary>
    public static readonly EngineDifference TimersFireEarly = new(
        "Timers and scheduled starts may come up to a second early",
        ["Azure Storage"]
    );

    /// <summary>The status table has no column for them; the message is in the output.</summary>
    public static readonly EngineDifference FailureDetailsLost = new(
        "A failed instance has its message, but neither type nor cause",
        ["Azure Storage"]
    );

    /// <summary>The call is not implemented there.</summary>
    public static readonly EngineDifference NoHistories = new("A history cannot be read back", ["in-memory"]);

    public static IReadOnlyList<EngineDifference> All { get; } = [TimersFireEarly, FailureDetailsLost, NoHistories];
}
