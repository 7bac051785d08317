using Leyden.Conformance.Hosts;

namespace Leyden.Conformance;

/// <summary>What a host does otherwise than the local host, by its own nature and not by ours, and why.</summary>
public sealed record HostDifference(string Title, string Reason, Type[] Hosts);

/// <summary>All known differences. Tests ask this table; <c>docs/host-differences.md</c> has the same rows.</summary>
public static class HostDifferences
{
    public static readonly HostDifference EmptyNotFound = new(
        "An address that no route has, and a method that its route has not, are 404 with an empty body",
        "The Functions host answers them itself, before our code sees them.",
        [typeof(FunctionsAppHost), typeof(EnvironmentHost)]
    );

    public static readonly HostDifference EmptyRange = new(
        "A part that begins beyond the end of a picture is an empty 206 instead of 416",
        "Azurite answers so, where links lead to it; Blob Storage itself says 416.",
        [typeof(FunctionsAppHost), typeof(EnvironmentHost)]
    );

    public static IReadOnlyList<HostDifference> All { get; } = [EmptyNotFound, EmptyRange];
}
