using Leyden.TestSupport;

namespace Leyden.Conformance.Hosts;

/// <summary>A kind of host that serves the API.</summary>
public abstract class Host
{
    /// <summary>As it appears in the table of results.</summary>
    public abstract string Name { get; }

    /// <summary>Starts a host, or finds the one that runs already.</summary>
    /// <param name="limits">The limits of the backend, kept by the host and enforced by the emulator.</param>
    /// <param name="storage">The storage of those that need some; starts when asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The host; null when there is none with such limits.</returns>
    public abstract Task<RunningHost?> StartAsync(
        BackendLimits limits,
        AzuriteFixture storage,
        CancellationToken cancellationToken
    );
}

/// <summary>A host that answers.</summary>
/// <param name="target">Where it is and how to call it.</param>
/// <param name="owned">What ends with it, the last first.</param>
public sealed class RunningHost(Target target, params IReadOnlyList<IAsyncDisposable> owned) : IAsyncDisposable
{
    public Target Target { get; } = target;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in owned.Reverse())
        {
            await one.DisposeAsync();
        }
    }
}
