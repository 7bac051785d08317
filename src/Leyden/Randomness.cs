using System.Diagnostics.CodeAnalysis;

namespace Leyden;

/// <summary>The one source of randomness that is not a secret: jitter, seeds, ids. Secrets come from RandomNumberGenerator.</summary>
public static class Randomness
{
    /// <summary>A generator that several threads may use at once.</summary>
    [SuppressMessage(
        "ApiDesign",
        "RS0030",
        Justification = "The one place that gives the ambient generator to all others."
    )]
    public static Random Create() => Random.Shared;
}
