using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace Leyden.Batches;

/// <summary>What callers can do with batches, whatever the way in.</summary>
public sealed class BatchService(
    BatchStore store,
    IObjectStore objects,
    PredictionAdmission admission,
    BatchScheduler scheduler,
    IOptions<BatchOptions> options,
    TimeProvider time,
    Random random
)
{
    /// <summary>Accepts a batch, whole or not at all, and starts it.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="lines">The items, read once and one at a time.</param>
    /// <param name="idempotencyKey">A word by which the caller recognizes this batch; null for none.</param>
    /// <param name="client">The durable engine's client.</param>
    /// <param name="cancellationToken">Stops the reading; nothing is left then.</param>
    public async Task<BatchOutcome> SubmitAsync(
        Owner owner,
        IAsyncEnumerable<BatchLine> lines,
        string? idempotencyKey,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        if (PredictionAdmission.CheckKey(idempotencyKey) is { } wrongKey)
        {
            return new BatchOutcome.Invalid([wrongKey], Faulty: 0, Count: 0);
        }

        var now = time.GetUtcNow();
        var id = BatchId.New(now, random);
        using var staging = new BatchStaging(objects, admission, owner, id);
        try
        {
            await staging.FillAsync(lines, cancellationToken);
        }
        catch
        {
            await staging.DiscardAsync(CancellationToken.None);
            throw;
        }

        if (staging.Errors.Count > 0)
        {
            await staging.DiscardAsync(CancellationToken.None);
            return new BatchOutcome.Invalid(staging.Errors, staging.Faulty, staging.Count + staging.Faulty);
        }

        // From here on a fault leaves the items: the record may have been written although nobody heard of it.
        var outcome = await AddAsync(New(owner, id, now, staging), idempotencyKey, CancellationToken.None);
        if (outcome is not BatchOutcome.Accepted accepted)
        {
            await staging.DiscardAsync(CancellationToken.None);
            return outcome;
        }

        if (accepted.Batch.Parts != id)
        {
            await staging.DiscardAsync(CancellationToken.None);
        }

        await scheduler.EnsureStartedAsync(accepted.Batch, client, CancellationToken.None);
        return outcome;
    }

    /// <summary>Reads a batch.</summary>
    /// <returns>The batch; null when this owner has none of that id.</returns>
    public Task<Batch?> FindAsync(Owner owner, BatchId id, CancellationToken cancellationToken) =>
        store.FindAsync(owner, id, cancellationToken);

    /// <summary>Asks to cancel a batch: nothing further is started, and what is under way is canceled.</summary>
    /// <returns>The batch as it is now; null when this owner has none of that id.</returns>
    public async Task<Batch?> CancelAsync(
        Owner owner,
        BatchId id,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var batch = await NoteCancelAsync(owner, id, cancellationToken);
        if (batch is { Status: BatchStatus.Processing })
        {
            await scheduler.CancelAsync(batch, client, cancellationToken);
        }

        return batch;
    }

    /// <summary>Notes in the record that a batch is to be canceled; whatever runs it follows within a minute.</summary>
    /// <returns>The batch as it is now; null when this owner has none of that id.</returns>
    public Task<Batch?> NoteCancelAsync(Owner owner, BatchId id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return store.ChangeAsync(
            owner,
            id,
            batch => batch.CancelRequestedAt is null ? batch with { CancelRequestedAt = now } : batch,
            cancellationToken
        );
    }

    /// <summary>Deletes a batch that has ended, with its items and results; its predictions stay until they are deleted or too old.</summary>
    /// <returns>Whether it is gone; false when it has not ended; null when this owner has none of that id.</returns>
    public async Task<bool?> DeleteAsync(Owner owner, BatchId id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(owner, id, cancellationToken) is not { } batch)
        {
            return null;
        }

        if (batch.Status == BatchStatus.Processing)
        {
            return false;
        }

        await store.DeleteAsync(batch, cancellationToken);
        return true;
    }

    private Batch New(Owner owner, BatchId id, DateTimeOffset now, BatchStaging staging) =>
        new()
        {
            Id = id,
            Owner = owner,
            Status = BatchStatus.Processing,
            CreatedAt = now,
            Total = staging.Count,
            Lanes = options.Value.Lanes,
            Parts = id,
            RequestDigest = staging.Digest(),
        };

    private async Task<BatchOutcome> AddAsync(Batch batch, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (idempotencyKey is not null)
        {
            var key = BatchKeys.IdempotencyLock(batch.Owner, idempotencyKey);
            var locked = await objects.PutFirstJsonAsync<IdempotencyLock>(
                key,
                new(batch.Id, batch.RequestDigest),
                cancellationToken
            );
            if (locked.RequestDigest != batch.RequestDigest)
            {
                return new BatchOutcome.KeyReused();
            }

            // Without a record the first request was cut short in between, or is there right now: both write the same id.
            batch = batch with
            {
                Id = locked.BatchId,
                IdempotencyLock = key,
            };
        }

        if (await store.AddAsync(batch, cancellationToken))
        {
            return new BatchOutcome.Accepted(batch, IsRepeat: false);
        }

        // It may be our own after all: a write that was repeated below finds what it wrote.
        return await store.FindAsync(batch.Owner, batch.Id, cancellationToken) is { } earlier
            ? new BatchOutcome.Accepted(earlier, IsRepeat: earlier.Parts != batch.Parts)
            : throw new ContentionException($"Batch {batch.Id} was deleted while it was asked for again.");
    }

    private sealed record IdempotencyLock(BatchId BatchId, string RequestDigest);
}

/// <summary>What became of a wish for a batch.</summary>
public abstract record BatchOutcome
{
    private BatchOutcome() { }

    /// <summary>It is on its way, or has been for a while.</summary>
    /// <param name="Batch">The batch.</param>
    /// <param name="IsRepeat">Whether it was submitted by an earlier request with the same idempotency key.</param>
    public sealed record Accepted(Batch Batch, bool IsRepeat) : BatchOutcome;

    /// <summary>It has faults; nothing was stored or started.</summary>
    /// <param name="Errors">The first of them, each with its place.</param>
    /// <param name="Faulty">How many items have faults.</param>
    /// <param name="Count">How many items were read.</param>
    public sealed record Invalid(IReadOnlyList<InputError> Errors, int Faulty, int Count) : BatchOutcome
    {
        /// <summary>All that is wrong, in one text.</summary>
        public string Message
        {
            get
            {
                var told = string.Join(" ", Errors.Select(e => e.Message));
                return Faulty > 1 ? $"{Faulty} of {Count} items have faults; nothing was started. {told}" : told;
            }
        }
    }

    /// <summary>The idempotency key was used for another batch before.</summary>
    public sealed record KeyReused : BatchOutcome;
}
