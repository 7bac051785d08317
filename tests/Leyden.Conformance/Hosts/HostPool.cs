using System.Collections.Concurrent;
using Leyden.TestSupport;

namespace Leyden.Conformance.Hosts;

/// <summary>
/// The hosts of a run, each started when a test first asks: of each kind one with wide limits that all tests share, and one
/// with tight limits that one test has at a time.
/// </summary>
public sealed class HostPool : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(Type Host, BackendLimits Limits), Lazy<Task<RunningHost?>>> _running = new();
    private readonly AzuriteFixture _storage = new();
    private readonly ConcurrentDictionary<Type, SemaphoreSlim> _gates = new();

    /// <summary>The host with wide limits.</summary>
    public async Task<Target> WideAsync<THost>()
        where THost : Host, new() =>
        (await StartedAsync<THost>(BackendLimits.Wide))?.Target
        ?? throw new InvalidOperationException($"There is no {new THost().Name}.");

    /// <summary>The host with tight limits.</summary>
    /// <returns>What gives it back; null when there is none.</returns>
    public async Task<Lease?> TightAsync<THost>(CancellationToken cancellationToken)
        where THost : Host, new()
    {
        if (await StartedAsync<THost>(BackendLimits.Tight) is not { } host)
        {
            return null;
        }

        var gate = _gates.GetOrAdd(typeof(THost), _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        return new Lease(host.Target, gate);
    }

    public async ValueTask DisposeAsync()
    {
        // A host that failed to start has told its tests so.
        var started = _running.Values.Where(h => h.IsValueCreated).Select(h => h.Value);
        foreach (var host in started.Where(h => h.IsCompletedSuccessfully))
        {
            if (await host is { } running)
            {
                await running.DisposeAsync();
            }
        }

        await _storage.DisposeAsync();
        foreach (var gate in _gates.Values)
        {
            gate.Dispose();
        }
    }

    // Without the token of the test that happens to be first: others wait for the same host.
    private Task<RunningHost?> StartedAsync<THost>(BackendLimits limits)
        where THost : Host, new() =>
        _running
            .GetOrAdd(
                (typeof(THost), limits),
                _ => new(() => new THost().StartAsync(limits, _storage, CancellationToken.None))
            )
            .Value;

    /// <summary>The host with tight limits, until disposed.</summary>
    public sealed class Lease(Target target, SemaphoreSlim gate) : IDisposable
    {
        public Target Target { get; } = target;

        public void Dispose() => gate.Release();
    }
}
