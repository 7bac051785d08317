using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace Leyden.Batches;

/// <summary>The upkeep of batches: starts what was accepted but never started, and deletes what is older than the retention.</summary>
public sealed class BatchSweeper(
    BatchStore store,
    IObjectStore objects,
    BatchScheduler scheduler,
    IOptions<PredictionOptions> options,
    TimeProvider time
)
{
    /// <summary>A younger batch may be between its record and its orchestration right now.</summary>
    private static readonly TimeSpan YoungestHealed = TimeSpan.FromSeconds(20);

    /// <summary>A marker without a record is from an acceptance that was cut short, unless it is this young.</summary>
    private static readonly TimeSpan YoungestAbandoned = TimeSpan.FromMinutes(10);

    /// <summary>Looks through all batches that have not ended.</summary>
    /// <returns>How many were started.</returns>
    public async Task<int> HealAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        var healed = 0;
        await foreach (var name in objects.AllFoldersAsync(BatchKeys.Open, cancellationToken))
        {
            var owner = new Owner(name);
            await foreach (var key in objects.AllKeysAsync($"{BatchKeys.Open}{name}/", cancellationToken))
            {
                var age = BatchKeys.TryReadId(key, out var id) ? time.GetUtcNow() - id.Time : TimeSpan.Zero;
                if (age > YoungestHealed && await HealAsync(owner, id, age, client, cancellationToken))
                {
                    healed++;
                }
            }
        }

        return healed;
    }

    /// <summary>Deletes the ended batches that are older than the retention of predictions, and items that never became a batch.</summary>
    /// <returns>How many batches.</returns>
    public async Task<int> DeleteOldAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        await foreach (var (owner, folder) in OldFoldersAsync(BatchKeys.Records, cancellationToken))
        {
            await foreach (var key in objects.AllKeysAsync(folder, cancellationToken))
            {
                if (
                    BatchKeys.TryReadId(key, out var id)
                    && await store.FindAsync(owner, id, cancellationToken) is { } batch
                    && batch.Status != BatchStatus.Processing
                )
                {
                    await store.DeleteAsync(batch, cancellationToken);
                    deleted++;
                }
            }
        }

        await DeleteStrayPartsAsync(cancellationToken);
        return deleted;
    }

    private async Task<bool> HealAsync(
        Owner owner,
        BatchId id,
        TimeSpan age,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var batch = await store.FindAsync(owner, id, cancellationToken);
        if (batch is { Status: BatchStatus.Processing })
        {
            return await scheduler.EnsureStartedAsync(batch, client, cancellationToken);
        }

        if (batch is not null || age > YoungestAbandoned)
        {
            await store.CloseAsync(owner, id, cancellationToken);
        }

        return false;
    }

    /// <summary>Deletes parts whose batch is gone; after a submission that was cut short there never was one.</summary>
    private async Task DeleteStrayPartsAsync(CancellationToken cancellationToken)
    {
        await foreach (var (owner, folder) in OldFoldersAsync(BatchKeys.Parts, cancellationToken))
        {
            await foreach (var name in objects.AllFoldersAsync(folder, cancellationToken))
            {
                // An old batch that still runs keeps its parts.
                if (BatchId.TryParse(name, out var id) && await store.FindAsync(owner, id, cancellationToken) is null)
                {
                    await objects.DeleteAllAsync($"{folder}{name}/", cancellationToken);
                }
            }
        }
    }

    private async IAsyncEnumerable<(Owner Owner, string Folder)> OldFoldersAsync(
        string prefix,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var oldest = Ulid.HourFolder(time.GetUtcNow() - options.Value.Retention);
        await foreach (var owner in objects.AllFoldersAsync(prefix, cancellationToken))
        {
            await foreach (var hour in objects.AllFoldersAsync($"{prefix}{owner}/", cancellationToken))
            {
                // Folders are named so that older hours sort later; the hour of the limit itself is not over yet.
                if (string.CompareOrdinal(hour, oldest) > 0)
                {
                    yield return (new Owner(owner), $"{prefix}{owner}/{hour}/");
                }
            }
        }
    }
}
