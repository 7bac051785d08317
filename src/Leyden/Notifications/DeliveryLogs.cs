using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Notifications;

/// <summary>The delivery logs in the object store, and what is kept beside them.</summary>
public sealed class DeliveryLogs(IObjectStore objects, CompareAndSwap compareAndSwap)
{
    private const int PageSize = 100;

    /// <summary>Reads a log.</summary>
    public Task<Versioned<DeliveryLog>?> FindAsync(
        Owner owner,
        PredictionId id,
        string target,
        CancellationToken cancellationToken
    ) => objects.GetJsonAsync<DeliveryLog>(DeliveryKeys.Log(owner, id, target), cancellationToken);

    /// <summary>Changes a log.</summary>
    /// <param name="owner">Whose prediction.</param>
    /// <param name="id">Which.</param>
    /// <param name="target">The target's name.</param>
    /// <param name="change">A pure function from the log (null when there is none) to the new one, or to null to leave it.</param>
    /// <param name="known">The log as it was read before, which saves a read; null when it was not.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>The log after the call; null when there is none.</returns>
    public Task<Versioned<DeliveryLog>?> ChangeAsync(
        Owner owner,
        PredictionId id,
        string target,
        Func<DeliveryLog?, DeliveryLog?> change,
        Versioned<DeliveryLog>? known,
        CancellationToken cancellationToken
    ) => compareAndSwap.ChangeAsync(DeliveryKeys.Log(owner, id, target), change, cancellationToken, known);

    /// <summary>All logs of a prediction.</summary>
    public async Task<IReadOnlyList<DeliveryLog>> ListAsync(
        Owner owner,
        PredictionId id,
        CancellationToken cancellationToken
    )
    {
        var logs = new List<DeliveryLog>();
        foreach (var key in await KeysAsync(owner, id, cancellationToken))
        {
            if (
                DeliveryKeys.TargetOf(key) is not null
                && await objects.GetJsonAsync<DeliveryLog>(key, cancellationToken) is { } log
            )
            {
                logs.Add(log.Value);
            }
        }

        return logs;
    }

    /// <summary>Marks a delivery as parked, so that it is found without its prediction.</summary>
    public Task MarkParkedAsync(Owner owner, PredictionId id, string target, CancellationToken cancellationToken) =>
        objects.PutJsonAsync(
            DeliveryKeys.Parked(owner, id, target),
            new ParkedMark(target),
            WriteCondition.None,
            cancellationToken
        );

    /// <summary>Takes the mark of <see cref="MarkParkedAsync"/> away.</summary>
    public Task UnmarkParkedAsync(Owner owner, PredictionId id, string target, CancellationToken cancellationToken) =>
        objects.DeleteAsync(DeliveryKeys.Parked(owner, id, target), cancellationToken);

    /// <summary>An owner's parked deliveries.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="target">The target to look at; null for all.</param>
    /// <param name="cursor">Where the page before ended; null for the first.</param>
    /// <param name="limit">The most deliveries of a page.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="InvalidCursorException">The cursor is none that this list gave.</exception>
    public async Task<ParkedPage> ListParkedAsync(
        Owner owner,
        string? target,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var folder = DeliveryKeys.ParkedOf(owner) + (target is null ? "" : $"{target}/");
        var page = await objects.ListAsync(folder, cursor, limit, cancellationToken);
        return new ParkedPage(
            [.. page.Keys.Select(DeliveryKeys.ReadParked).OfType<(PredictionId, string)>()],
            page.Cursor
        );
    }

    /// <summary>Keeps the secret that the creator of a prediction gave for its webhook.</summary>
    public Task PutSecretAsync(Owner owner, PredictionId id, string secret, CancellationToken cancellationToken) =>
        objects.PutJsonAsync(
            DeliveryKeys.Secret(owner, id),
            new StoredSecret(secret),
            WriteCondition.None,
            cancellationToken
        );

    /// <summary>Reads that secret; null when it is gone.</summary>
    public async Task<string?> FindSecretAsync(Owner owner, PredictionId id, CancellationToken cancellationToken) =>
        (await objects.GetJsonAsync<StoredSecret>(DeliveryKeys.Secret(owner, id), cancellationToken))?.Value.Secret;

    /// <summary>Deletes all that notifications of a prediction keep. What was not delivered never will be.</summary>
    public async Task DeleteAsync(Owner owner, PredictionId id, CancellationToken cancellationToken)
    {
        foreach (var key in await KeysAsync(owner, id, cancellationToken))
        {
            if (DeliveryKeys.TargetOf(key) is { } target)
            {
                await UnmarkParkedAsync(owner, id, target, cancellationToken);
            }

            await objects.DeleteAsync(key, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<ObjectKey>> KeysAsync(
        Owner owner,
        PredictionId id,
        CancellationToken cancellationToken
    )
    {
        var keys = new List<ObjectKey>();
        for (ObjectPage? page = null; page is null || page.Cursor is not null; )
        {
            page = await objects.ListAsync(DeliveryKeys.Of(owner, id), page?.Cursor, PageSize, cancellationToken);
            keys.AddRange(page.Keys);
        }

        return keys;
    }

    private sealed record ParkedMark(string Target);

    private sealed record StoredSecret(string Secret);
}

/// <summary>A page of parked deliveries.</summary>
/// <param name="Deliveries">The prediction and the target of each.</param>
/// <param name="Cursor">Where the next page starts; null after the last.</param>
public sealed record ParkedPage(IReadOnlyList<(PredictionId Id, string Target)> Deliveries, string? Cursor);
