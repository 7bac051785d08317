using Leyden.Backends;

namespace Leyden.Benchmarks.Scale;

/// <summary>A backend that is only asked for its limits.</summary>
internal sealed class SwarmBackend(BackendLimits limits) : IBackend
{
    public string Name => "swarm";

    public BackendLimits Limits => limits;
}
