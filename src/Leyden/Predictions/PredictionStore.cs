using Leyden.Notifications;
using Leyden.Storage;

namespace Leyden.Predictions;

/// <summary>The records of predictions. The one place that writes them: by compare-and-swap, along legal transitions only.</summary>
public sealed class PredictionStore(
    IObjectStore objects,
    CompareAndSwap compareAndSwap,
    PredictionChanges changes,
    DeliveryLogs deliveries
)
{
    /// <summary>Writes a new record.</summary>
    /// <param name="prediction">The prediction.</param>
    /// <param name="cancellationToken">Stops; what was written of it is cleared away later.</param>
    /// <param name="webhookSecret">The secret of its creator's webhook, which is kept apart from the record; null when there is none.</param>
    /// <returns>Whether it is new; false when there already was a record under its id, which stays as it is.</returns>
    public async Task<bool> AddAsync(
        Prediction prediction,
        CancellationToken cancellationToken,
        string? webhookSecret = null
    )
    {
        await objects.PutJsonAsync(
            PredictionKeys.OpenMarker(prediction.Owner, prediction.Id),
            new OpenMarker(prediction.Deadline),
            WriteCondition.None,
            cancellationToken
        );
        if (webhookSecret is not null)
        {
            await deliveries.PutSecretAsync(prediction.Owner, prediction.Id, webhookSecret, cancellationToken);
        }

        var key = PredictionKeys.Record(prediction.Owner, prediction.Id);
        return await objects.PutJsonAsync(key, prediction, WriteCondition.IfAbsent, cancellationToken) is not null;
    }

    /// <summary>Reads a record.</summary>
    /// <returns>The prediction; null when this owner has none of that id.</returns>
    public async Task<Prediction?> FindAsync(Owner owner, PredictionId id, CancellationToken cancellationToken) =>
        WithTag(await objects.GetJsonAsync<Prediction>(PredictionKeys.Record(owner, id), cancellationToken));

    /// <summary>Changes a record that has not ended.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="id">Which.</param>
    /// <param name="change">
    /// A pure function from the record to the new one, or to null to leave it. Not called for a record at its end.
    /// </param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>The record after the call; null when there is none.</returns>
    /// <exception cref="InvalidOperationException">The change is no legal transition: a fault of this program.</exception>
    public Task<Prediction?> ChangeAsync(
        Owner owner,
        PredictionId id,
        Func<Prediction, Prediction?> change,
        CancellationToken cancellationToken
    ) => ChangeAsync(owner, id, known: null, change, cancellationToken);

    /// <summary>Changes a record that has not ended, without reading it again when it still is as the caller read it.</summary>
    /// <inheritdoc cref="ChangeAsync(Owner, PredictionId, Func{Prediction, Prediction?}, CancellationToken)"/>
    public Task<Prediction?> ChangeAsync(
        Prediction prediction,
        Func<Prediction, Prediction?> change,
        CancellationToken cancellationToken
    )
    {
        var known = prediction.ETag is { } tag ? new Versioned<Prediction>(prediction, tag) : null;
        return ChangeAsync(prediction.Owner, prediction.Id, known, change, cancellationToken);
    }

    /// <summary>Notes that a prediction has ended and needs no healing any more. Harmless when repeated.</summary>
    public Task CloseAsync(Owner owner, PredictionId id, CancellationToken cancellationToken) =>
        objects.DeleteAsync(PredictionKeys.OpenMarker(owner, id), cancellationToken);

    /// <summary>An owner's predictions, newest first.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="cursor">Where the page before ended; null for the first.</param>
    /// <param name="limit">The most predictions of a page, 1…100.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="InvalidCursorException">The cursor is none that this list gave.</exception>
    public async Task<PredictionPage> ListAsync(
        Owner owner,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var page = await objects.ListAsync(PredictionKeys.RecordsOf(owner), cursor, limit, cancellationToken);
        var found = await objects.GetJsonPageAsync<Prediction>(page, cancellationToken);
        return new PredictionPage([.. found.Select(p => p.Value)], page.Cursor);
    }

    /// <summary>Deletes a prediction with its pictures, its deliveries and its idempotency lock. Whoever calls made sure that it has ended.</summary>
    public async Task DeleteAsync(Prediction prediction, CancellationToken cancellationToken)
    {
        var outputs = PredictionKeys.OutputsOf(prediction.Owner, prediction.Id);
        // A failed attempt to store may have left pictures that the record does not name, so the folder decides.
        await objects.DeleteAllAsync(outputs, cancellationToken);
        await deliveries.DeleteAsync(prediction.Owner, prediction.Id, cancellationToken);
        if (prediction.IdempotencyLock is { } idempotencyLock)
        {
            await objects.DeleteAsync(idempotencyLock, cancellationToken);
        }

        await objects.DeleteAsync(PredictionKeys.OpenMarker(prediction.Owner, prediction.Id), cancellationToken);
        // Last: while the record is there, a deletion that was cut short can be repeated.
        await objects.DeleteAsync(PredictionKeys.Record(prediction.Owner, prediction.Id), cancellationToken);
    }

    private async Task<Prediction?> ChangeAsync(
        Owner owner,
        PredictionId id,
        Versioned<Prediction>? known,
        Func<Prediction, Prediction?> change,
        CancellationToken cancellationToken
    )
    {
        var changed = await compareAndSwap.ChangeAsync(
            PredictionKeys.Record(owner, id),
            current => current is null || current.Status.IsTerminal() ? null : Checked(current, change(current)),
            cancellationToken,
            known
        );
        changes.Tell(id);
        return WithTag(changed);
    }

    private static Prediction? WithTag(Versioned<Prediction>? stored) =>
        stored is null ? null : stored.Value with { ETag = stored.ETag };

    private static Prediction? Checked(Prediction from, Prediction? to) =>
        to is null || from.Status.CanBecome(to.Status)
            ? to
            : throw new InvalidOperationException(
                $"Prediction {from.Id} can not go from {from.Status} to {to.Status}."
            );

    private sealed record OpenMarker(DateTimeOffset Deadline);
}

/// <summary>A page of predictions, newest first.</summary>
/// <param name="Predictions">May be fewer than asked although more follow.</param>
/// <param name="Cursor">Where the next page starts; null after the last.</param>
public sealed record PredictionPage(IReadOnlyList<Prediction> Predictions, string? Cursor);
