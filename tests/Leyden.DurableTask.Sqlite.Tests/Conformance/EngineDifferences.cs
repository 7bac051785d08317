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

    public static IReadOnlyList<EngineDifference> All { get; } = [TimersFireEarly];
}
