using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;

namespace Leyden.Notifications;

/// <summary>What callers can see of deliveries and do about them. The durable client is an argument, as with <see cref="PredictionService"/>.</summary>
public sealed class DeliveryService(
    PredictionStore store,
    DeliveryLogs logs,
    DeliveryTargets targets,
    EndpointStates endpoints,
    DeliveryScheduler scheduler,
    TimeProvider time
)
{
    /// <summary>The most deliveries that one call puts on their way again.</summary>
    public const int MaxResumed = 1000;

    private const int PageSize = 100;

    /// <summary>What was told of a prediction, to whom, and how it went.</summary>
    /// <returns>A log for each target that was or is to be told; null when this owner has no such prediction.</returns>
    public async Task<IReadOnlyList<DeliveryLog>?> ListAsync(
        Owner owner,
        PredictionId id,
        CancellationToken cancellationToken
    ) =>
        await store.FindAsync(owner, id, cancellationToken) is null
            ? null
            : await logs.ListAsync(owner, id, cancellationToken);

    /// <summary>Tells a target again, under the same ids. A configured target that is out of service is put back into service.</summary>
    /// <param name="owner">Whose prediction.</param>
    /// <param name="id">Which.</param>
    /// <param name="target">The target's name.</param>
    /// <param name="only">The one event to tell; null for all that were not delivered or, if all were, the last.</param>
    /// <param name="client">Starts the courier.</param>
    /// <param name="cancellationToken">Stops before the courier is named; afterwards repeat the call.</param>
    /// <returns>The log as it is now; null when there is no such prediction, target or event.</returns>
    public async Task<DeliveryLog?> RedeliverAsync(
        Owner owner,
        PredictionId id,
        string target,
        PredictionEvent? only,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        if (await store.FindAsync(owner, id, cancellationToken) is not { } prediction)
        {
            return null;
        }

        if (targets.Find(prediction, target) is { IsConfigured: true } configured)
        {
            await endpoints.ResumeAsync(configured, cancellationToken);
        }

        var courier = 0;
        var now = time.GetUtcNow();
        var log = await logs.ChangeAsync(
            owner,
            id,
            target,
            current =>
            {
                var changed = current?.Redeliver(only, now);
                courier = changed?.Courier ?? 0;
                return changed;
            },
            known: null,
            cancellationToken
        );
        if (courier == 0)
        {
            return null;
        }

        await scheduler.StartAsync([new DeliveryWork(owner, id, target, courier)], client, cancellationToken);
        await logs.UnmarkParkedAsync(owner, id, target, cancellationToken);
        return log?.Value;
    }

    /// <summary>The configured targets that are told of an owner's predictions.</summary>
    public async Task<IReadOnlyList<ConfiguredTarget>> ConfiguredAsync(Owner owner, CancellationToken cancellationToken)
    {
        var found = new List<ConfiguredTarget>();
        foreach (var (target, events) in targets.ConfiguredFor(owner))
        {
            found.Add(new ConfiguredTarget(target, events, await endpoints.FindAsync(target, cancellationToken)));
        }

        return found;
    }

    /// <summary>Puts a configured target back into service and tells it what was parked of an owner's predictions meanwhile.</summary>
    /// <returns>How many deliveries are on their way again, and whether more are left; null when there is no such target.</returns>
    public async Task<(int Redelivered, bool HasMore)?> ResumeAsync(
        Owner owner,
        string name,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var target = targets
            .ConfiguredFor(owner)
            .Select(c => c.Target)
            .FirstOrDefault(t => t.Name == name || t.Name == DeliveryTarget.EndpointPrefix + name);
        if (target is null)
        {
            return null;
        }

        await endpoints.ResumeAsync(target, cancellationToken);
        var redelivered = 0;
        for (ParkedPage? page = null; page is null || page.Cursor is not null; )
        {
            if (redelivered >= MaxResumed)
            {
                return (redelivered, true);
            }

            page = await logs.ListParkedAsync(owner, target.Name, page?.Cursor, PageSize, cancellationToken);
            foreach (var (id, _) in page.Deliveries)
            {
                await RedeliverAsync(owner, id, target.Name, only: null, client, cancellationToken);
                redelivered++;
            }
        }

        return (redelivered, false);
    }

    /// <summary>An owner's parked deliveries.</summary>
    /// <returns>The prediction and the log of each; a page may hold fewer than asked although more follow.</returns>
    /// <exception cref="InvalidCursorException">The cursor is none that this list gave.</exception>
    public async Task<(IReadOnlyList<(PredictionId Id, DeliveryLog Log)> Parked, string? Cursor)> ListParkedAsync(
        Owner owner,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var page = await logs.ListParkedAsync(owner, target: null, cursor, limit, cancellationToken);
        var parked = new List<(PredictionId, DeliveryLog)>();
        foreach (var (id, target) in page.Deliveries)
        {
            // The mark is written before the log and taken away after it.
            if (
                await logs.FindAsync(owner, id, target, cancellationToken) is { Value: var log }
                && log.Entries.Any(entry => entry.State == DeliveryState.Parked)
            )
            {
                parked.Add((id, log));
            }
        }

        return (parked, page.Cursor);
    }
}

/// <summary>A configured target and how it is.</summary>
/// <param name="Target">The target.</param>
/// <param name="Events">What it is told.</param>
/// <param name="OutOfService">Why it is told nothing at the moment; null when it is in service.</param>
public sealed record ConfiguredTarget(
    DeliveryTarget Target,
    IReadOnlyList<PredictionEvent> Events,
    OutOfService? OutOfService
);
