using System.Collections.Concurrent;
using Leyden.TestSupport;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>
/// One host per engine for the whole run, started when a test first asks: starting and stopping takes seconds, and
/// instances do not see each other.
/// </summary>
public sealed class EngineHosts : IAsyncDisposable
{
    private readonly AzuriteFixture _azurite = new();
    private readonly ConcurrentDictionary<Type, Lazy<Task<EngineHost>>> _hosts = new();

    /// <summary>The host that all tests of an engine share.</summary>
    // It starts without the token of the test that happens to be first: others wait for the same host.
    public Task<EngineHost> SharedAsync<TEngine>()
        where TEngine : Engine =>
        _hosts.GetOrAdd(typeof(TEngine), _ => new(() => StartAsync<TEngine>(CancellationToken.None))).Value;

    /// <summary>A host of the caller's own, with an empty engine.</summary>
    public async Task<EngineHost> StartAsync<TEngine>(CancellationToken cancellationToken)
        where TEngine : Engine
    {
        var engine = await Engine<TEngine>().CreateAsync(cancellationToken);
        return await EngineHost.StartAsync(engine, SuiteTasks.Register, SuiteTasks.AddServices, cancellationToken);
    }

    public Engine Engine<TEngine>()
        where TEngine : Engine =>
        typeof(TEngine) == typeof(AzureStorageEngine) ? new AzureStorageEngine(_azurite)
        : typeof(TEngine) == typeof(InMemoryEngine) ? new InMemoryEngine()
        : new SqliteEngine();

    public async ValueTask DisposeAsync()
    {
        // A host that failed to start has told its tests so.
        var started = _hosts.Values.Select(host => host.Value).Where(host => host.IsCompletedSuccessfully);
        await Task.WhenAll(started.Select(async host => await (await host).DisposeAsync()));
        await _azurite.DisposeAsync();
    }
}
