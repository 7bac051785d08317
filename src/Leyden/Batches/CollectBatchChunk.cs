using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask;

namespace Leyden.Batches;

/// <summary>
/// Looks whether the predictions of a chunk have ended, and once all have, writes their results and counts the chunk. The count is kept
/// by chunk, so a repeat counts nothing twice. Of a batch that is to be canceled it cancels what is still under way.
/// </summary>
public sealed class CollectBatchChunk(
    BatchStore batches,
    PredictionStore predictions,
    IObjectStore objects,
    TimeProvider time
) : TaskActivity<ChunkWork, ChunkProgress>
{
    private const int ConcurrentReads = 16;

    /// <inheritdoc/>
    public override async Task<ChunkProgress> RunAsync(TaskActivityContext context, ChunkWork input)
    {
        var stop = CancellationToken.None; // an activity has no token of its own: its calls have time-outs
        if (
            await batches.FindAsync(input.Owner, input.Id, stop) is not { Status: BatchStatus.Processing } batch
            || batch.Collected.Any(c => c.Chunk == input.Chunk)
        )
        {
            return ChunkProgress.Collected;
        }

        var acceptance =
            (await objects.GetJsonAsync<ChunkAcceptance>(BatchKeys.Acceptance(batch, input.Chunk), stop))?.Value
            ?? throw new InvalidOperationException($"Chunk {input.Chunk} of batch {batch.Id} was never accepted.");
        var ids = Enumerable.Range(0, acceptance.Count).Select(i => acceptance.IdOf(batch, input.Chunk, i)).ToList();
        var records = await ReadAsync(input.Owner, ids, stop);
        var open = records.OfType<Prediction>().Where(p => !p.Status.IsTerminal()).ToList();
        if (open.Count > 0)
        {
            return batch.CancelRequestedAt is null ? ChunkProgress.Open : await CancelAsync(open, stop);
        }

        var first = input.Chunk * Batch.ChunkSize;
        var results = ids.Select((id, i) => Result(first + i, id, records[i])).ToList();
        await objects.PutJsonLinesAsync(BatchKeys.Results(batch, input.Chunk), results, stop);
        var counts = new ChunkCounts(
            input.Chunk,
            results.Count(r => r.Status == PredictionStatus.Succeeded),
            results.Count(r => r.Status == PredictionStatus.Failed),
            results.Count(r => r.Status == PredictionStatus.Canceled)
        );
        await batches.ChangeAsync(input.Owner, input.Id, b => b.With(counts), stop);
        return ChunkProgress.Collected;
    }

    private async Task<Prediction?[]> ReadAsync(
        Owner owner,
        List<PredictionId> ids,
        CancellationToken cancellationToken
    )
    {
        var found = new Prediction?[ids.Count];
        await Parallel.ForAsync(
            0,
            found.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ConcurrentReads, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await predictions.FindAsync(owner, ids[i], token)
        );
        return found;
    }

    /// <summary>Notes the wish in each record; whoever calls wakes their orchestrations.</summary>
    private async Task<ChunkProgress> CancelAsync(List<Prediction> open, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var prediction in open)
        {
            await predictions.ChangeAsync(
                prediction,
                p => p.CancelRequestedAt is null ? p with { CancelRequestedAt = now } : null,
                cancellationToken
            );
        }

        return new ChunkProgress(IsCollected: false, [.. open.Select(p => p.Id)]);
    }

    private static BatchResult Result(int index, PredictionId id, Prediction? ended) =>
        ended is null
            ? new BatchResult(index, id, PredictionStatus.Failed, [], Deleted)
            : new BatchResult(index, id, ended.Status, ended.Outputs, ended.Failure);

    private static PredictionFailure Deleted =>
        new(
            FailureCodes.Deleted,
            Retryable: true,
            "The prediction was deleted before the batch had collected its result."
        );
}

/// <summary>How far a chunk is.</summary>
/// <param name="IsCollected">Whether its results are written and counted, or nobody wants them any more.</param>
/// <param name="Cancel">Predictions to tell that they are to be canceled.</param>
public sealed record ChunkProgress(bool IsCollected, IReadOnlyList<PredictionId> Cancel)
{
    internal static ChunkProgress Collected { get; } = new(true, []);

    internal static ChunkProgress Open { get; } = new(false, []);
}
