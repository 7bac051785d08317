using System.Runtime.CompilerServices;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Batches;

/// <summary>The records of batches and what belongs to them. The one place that writes the records: by compare-and-swap.</summary>
public sealed class BatchStore(IObjectStore objects, CompareAndSwap compareAndSwap)
{
    /// <summary>Writes a new record.</summary>
    /// <returns>Whether it is new; false when there already was a record under its id, which stays as it is.</returns>
    public async Task<bool> AddAsync(Batch batch, CancellationToken cancellationToken)
    {
        await objects.PutJsonAsync(
            BatchKeys.OpenMarker(batch.Owner, batch.Id),
            new OpenMarker(batch.CreatedAt),
            WriteCondition.None,
            cancellationToken
        );
        var key = BatchKeys.Record(batch.Owner, batch.Id);
        return await objects.PutJsonAsync(key, batch, WriteCondition.IfAbsent, cancellationToken) is not null;
    }

    /// <summary>Reads a record.</summary>
    /// <returns>The batch; null when this owner has none of that id.</returns>
    public async Task<Batch?> FindAsync(Owner owner, BatchId id, CancellationToken cancellationToken) =>
        (await objects.GetJsonAsync<Batch>(BatchKeys.Record(owner, id), cancellationToken))?.Value;

    /// <summary>Changes a record that has not ended.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="id">Which.</param>
    /// <param name="change">A pure function; gives its argument itself to leave the record. Not called for a record at its end.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>The record after the call; null when there is none.</returns>
    public async Task<Batch?> ChangeAsync(
        Owner owner,
        BatchId id,
        Func<Batch, Batch> change,
        CancellationToken cancellationToken
    )
    {
        var changed = await compareAndSwap.ChangeAsync<Batch>(
            BatchKeys.Record(owner, id),
            current =>
                current is { Status: BatchStatus.Processing }
                && change(current) is var next
                && !ReferenceEquals(next, current)
                    ? next
                    : null,
            cancellationToken
        );
        return changed?.Value;
    }

    /// <summary>Notes that a batch has ended and needs no healing any more. Harmless when repeated.</summary>
    public Task CloseAsync(Owner owner, BatchId id, CancellationToken cancellationToken) =>
        objects.DeleteAsync(BatchKeys.OpenMarker(owner, id), cancellationToken);

    /// <summary>An owner's batches, newest first.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="cursor">Where the page before ended; null for the first.</param>
    /// <param name="limit">The most batches of a page, 1…100.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="InvalidCursorException">The cursor is none that this list gave.</exception>
    public async Task<BatchPage> ListAsync(Owner owner, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var page = await objects.ListAsync(BatchKeys.RecordsOf(owner), cursor, limit, cancellationToken);
        var found = await objects.GetJsonPageAsync<Batch>(page, cancellationToken);
        return new BatchPage([.. found.Select(b => b.Value)], page.Cursor);
    }

    /// <summary>
    /// The results that there are, in the order of the items: of every chunk that was collected and, once the batch was canceled, of the
    /// items that were never started. One chunk is read at a time.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="from">The first item to tell of, from 0: who reads again and again passes over what was read.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<BatchResult> ReadResultsAsync(
        Batch batch,
        int from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var collected = batch.Collected.Select(c => c.Chunk).ToHashSet();
        for (var chunk = from / Batch.ChunkSize; chunk < batch.Chunks; chunk++)
        {
            if (collected.Contains(chunk))
            {
                var results = BatchKeys.Results(batch, chunk);
                await foreach (var result in objects.GetJsonLinesAsync<BatchResult>(results, cancellationToken))
                {
                    if (result.Index >= from)
                    {
                        yield return result;
                    }
                }
            }
            else if (batch.Status == BatchStatus.Canceled)
            {
                var first = chunk * Batch.ChunkSize;
                for (var i = Math.Max(first, from); i < Math.Min(first + Batch.ChunkSize, batch.Total); i++)
                {
                    yield return new BatchResult(i, null, PredictionStatus.Canceled, []);
                }
            }
        }
    }

    /// <summary>Deletes a batch with its items and results. Its predictions stay. Whoever calls made sure that it has ended.</summary>
    public async Task DeleteAsync(Batch batch, CancellationToken cancellationToken)
    {
        await objects.DeleteAllAsync(BatchKeys.PartsOf(batch.Owner, batch.Parts), cancellationToken);
        if (batch.IdempotencyLock is { } idempotencyLock)
        {
            await objects.DeleteAsync(idempotencyLock, cancellationToken);
        }

        await CloseAsync(batch.Owner, batch.Id, cancellationToken);
        // Last: while the record is there, a deletion that was cut short can be repeated.
        await objects.DeleteAsync(BatchKeys.Record(batch.Owner, batch.Id), cancellationToken);
    }

    private sealed record OpenMarker(DateTimeOffset CreatedAt);
}

/// <summary>A page of batches, newest first.</summary>
/// <param name="Batches">May be fewer than asked although more follow.</param>
/// <param name="Cursor">Where the next page starts; null after the last.</param>
public sealed record BatchPage(IReadOnlyList<Batch> Batches, string? Cursor);
