using System.Collections.Concurrent;
using Leyden.Storage;
using Leyden.Telemetry;
using Microsoft.Extensions.Options;

namespace Leyden.Backends;

/// <summary>
/// The health of backends (<see cref="BackendHealth"/>) as documents in the object store. A deployment with one backend has no choice, and
/// keeps none.
/// </summary>
public sealed class BackendHealthBook(
    IObjectStore objects,
    CompareAndSwap compareAndSwap,
    BackendDirectory backends,
    IOptions<RoutingRule> rule,
    LeydenMetrics metrics,
    TimeProvider time
)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NotedEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (BackendHealth Health, long ReadAt)> _recent = new();

    /// <summary>The health as it is or was a few seconds ago.</summary>
    public async Task<BackendHealth> ReadAsync(string backend, CancellationToken cancellationToken)
    {
        if (_recent.TryGetValue(backend, out var known) && time.GetElapsedTime(known.ReadAt) < Freshness)
        {
            return known.Health;
        }

        var read = await objects.GetJsonAsync<BackendHealth>(Key(backend), cancellationToken);
        return Keep(backend, read?.Value ?? BackendHealth.Empty);
    }

    /// <summary>Notes that a backend did what it was asked, whatever came of the prediction.</summary>
    public async Task NoteSuccessAsync(string backend, CancellationToken cancellationToken)
    {
        if (!backends.HasChoice)
        {
            return;
        }

        var now = time.GetUtcNow();
        var health = await ReadAsync(backend, cancellationToken);
        if (!health.IsWell || health.WarmAt is null || health.WarmAt < now - NotedEvery)
        {
            await ChangeAsync(backend, h => h.Succeeded(now), cancellationToken);
        }
    }

    /// <summary>Notes that a backend could not do what it was asked.</summary>
    public async Task NoteFailureAsync(
        string backend,
        string reason,
        bool isLasting,
        CancellationToken cancellationToken
    )
    {
        if (!backends.HasChoice)
        {
            return;
        }

        var now = time.GetUtcNow();
        var hasOpened = false;
        await ChangeAsync(
            backend,
            health =>
            {
                var failed = health.Failed(reason, isLasting, now, rule.Value);
                hasOpened = failed.Openings > health.Openings;
                return failed;
            },
            cancellationToken
        );
        if (hasOpened)
        {
            metrics.BreakerOpened(backend);
        }
    }

    /// <summary>Asks to be the one that tries a backend after its pause.</summary>
    /// <returns>Whether the prediction is.</returns>
    public async Task<bool> TryProbeAsync(string backend, string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var changed = await ChangeAsync(backend, h => h.Probed(id, now), cancellationToken);
        return changed.ProbeBy == id || changed.IsWell;
    }

    /// <summary>Notes that a prediction goes elsewhere because a backend sleeps or is cold.</summary>
    public Task NoteDiversionAsync(string backend, bool wakes, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return ChangeAsync(backend, h => h.Diverted(wakes, now, rule.Value.WarmTime), cancellationToken);
    }

    private static ObjectKey Key(string backend) => new($"backends/{backend}-health.json");

    private async Task<BackendHealth> ChangeAsync(
        string backend,
        Func<BackendHealth, BackendHealth?> change,
        CancellationToken cancellationToken
    )
    {
        var changed = await compareAndSwap.ChangeAsync<BackendHealth>(
            Key(backend),
            health => change(health ?? BackendHealth.Empty),
            cancellationToken
        );
        return Keep(backend, changed?.Value ?? BackendHealth.Empty);
    }

    private BackendHealth Keep(string backend, BackendHealth health)
    {
        _recent[backend] = (health, time.GetTimestamp());
        return health;
    }
}
