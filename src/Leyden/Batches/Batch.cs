using System.Text.Json.Serialization;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Batches;

/// <summary>
/// All that is known of one batch as a whole. Its items and their results are objects of their own, a chunk each
/// (<see cref="BatchKeys"/>), so that a batch of ten thousand is never in one document, history or memory.
/// </summary>
public sealed record Batch
{
    /// <summary>The most items of a batch.</summary>
    public const int MaxItems = 10_000;

    /// <summary>How many items are accepted and collected in one step.</summary>
    public const int ChunkSize = 20;

    /// <summary>Its name, and the instance id of its orchestration.</summary>
    public required BatchId Id { get; init; }

    /// <summary>Whose it is, and whose its predictions are.</summary>
    public required Owner Owner { get; init; }

    /// <summary>Where it stands.</summary>
    public required BatchStatus Status { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it reached its end; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When its caller asked to cancel it; null when nobody did.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>How many items it has, 1…<see cref="MaxItems"/>.</summary>
    public required int Total { get; init; }

    /// <summary>How many chunks are under way at once.</summary>
    public required int Lanes { get; init; }

    /// <summary>Under which id the items were stored: its own, unless another attempt of the same request had the id drawn.</summary>
    public required BatchId Parts { get; init; }

    /// <summary>A digest of what was asked for.</summary>
    public required string RequestDigest { get; init; }

    /// <summary>The lock that the caller's Idempotency-Key stands for; null when none was sent.</summary>
    public ObjectKey? IdempotencyLock { get; init; }

    /// <summary>The chunks whose predictions have all ended, with what became of them: each once.</summary>
    public IReadOnlyList<ChunkCounts> Collected { get; init; } = [];

    /// <summary>Why it failed.</summary>
    public PredictionFailure? Failure { get; init; }

    /// <summary>How many chunks it has.</summary>
    [JsonIgnore]
    public int Chunks => (Total + ChunkSize - 1) / ChunkSize;

    /// <summary>What became of its items so far. Items that a cancel kept from being started count as canceled in the end.</summary>
    [JsonIgnore]
    public BatchCounts Counts
    {
        get
        {
            var succeeded = Collected.Sum(c => c.Succeeded);
            var failed = Collected.Sum(c => c.Failed);
            var canceled = Status == BatchStatus.Canceled ? Total - succeeded - failed : Collected.Sum(c => c.Canceled);
            return new BatchCounts(Total, succeeded, failed, canceled);
        }
    }

    /// <summary>The same batch with a chunk counted; unchanged when it was counted before.</summary>
    public Batch With(ChunkCounts chunk) =>
        Collected.Any(c => c.Chunk == chunk.Chunk) ? this : this with { Collected = [.. Collected, chunk] };
}

/// <summary>Where a batch stands.</summary>
public enum BatchStatus
{
    /// <summary>Its predictions are being accepted and run.</summary>
    Processing,

    /// <summary>Every item has ended, each in its own way.</summary>
    Completed,

    /// <summary>It could not be worked to its end because of a fault in this service.</summary>
    Failed,

    /// <summary>Stopped at its caller's request before every item had ended.</summary>
    Canceled,
}

/// <summary>What became of the items of a chunk.</summary>
/// <param name="Chunk">Its number, from 0.</param>
/// <param name="Succeeded">Items with pictures.</param>
/// <param name="Failed">Items without.</param>
/// <param name="Canceled">Items that were stopped.</param>
public sealed record ChunkCounts(int Chunk, int Succeeded, int Failed, int Canceled);

/// <summary>What became of the items of a batch.</summary>
/// <param name="Total">All items.</param>
/// <param name="Succeeded">Items with pictures.</param>
/// <param name="Failed">Items without.</param>
/// <param name="Canceled">Items that were stopped or never started.</param>
public sealed record BatchCounts(int Total, int Succeeded, int Failed, int Canceled)
{
    /// <summary>Items that have ended in any way.</summary>
    public int Finished => Succeeded + Failed + Canceled;
}

/// <summary>What became of one item.</summary>
/// <param name="Index">Its number in the batch, from 0.</param>
/// <param name="Id">Its prediction; null when it was never started.</param>
/// <param name="Status">How the prediction ended.</param>
/// <param name="Outputs">The pictures, once it succeeded.</param>
/// <param name="Failure">Why it failed.</param>
public sealed record BatchResult(
    int Index,
    PredictionId? Id,
    PredictionStatus Status,
    IReadOnlyList<Outputs.PredictionOutput> Outputs,
    PredictionFailure? Failure = null
);
