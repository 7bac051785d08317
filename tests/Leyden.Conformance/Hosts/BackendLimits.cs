namespace Leyden.Conformance.Hosts;

/// <summary>How much a host's backend takes.</summary>
/// <param name="RequestsPerMinute">Requests in any 60 seconds.</param>
/// <param name="MaxConcurrent">Predictions that may be unfinished at once.</param>
public sealed record BackendLimits(int RequestsPerMinute, int MaxConcurrent)
{
    /// <summary>So wide that no test reaches them.</summary>
    public static BackendLimits Wide { get; } = new(100_000, 1_000);

    /// <summary>So tight that a dozen predictions reach them. One at once, so that the order of billing is the order of the queue.</summary>
    public static BackendLimits Tight { get; } = new(25, 1);
}
