using Leyden.Batches;

namespace Leyden.Local.Batches;

/// <summary>Where a batch runs: in this process, or in a server that owns the data folder.</summary>
internal interface IBatchSession : IAsyncDisposable
{
    /// <summary>Submits a batch, or finds the one that was submitted under the same key.</summary>
    /// <param name="file">The items.</param>
    /// <param name="key">By which the batch is recognized.</param>
    /// <param name="cancellationToken">Stops; repeat with the same key.</param>
    /// <exception cref="UsageException">The items have faults, or the key was used for others; nothing was started.</exception>
    Task<BatchView> SubmitAsync(BatchFile file, string key, CancellationToken cancellationToken);

    /// <summary>Reads a batch.</summary>
    /// <returns>The batch; null when it was deleted.</returns>
    Task<BatchView?> FindAsync(BatchId id, CancellationToken cancellationToken);

    /// <summary>The items that have ended, in their order, from one on.</summary>
    IAsyncEnumerable<BatchItem> ReadResultsAsync(BatchId id, int from, CancellationToken cancellationToken);

    /// <summary>Asks to cancel it.</summary>
    Task CancelAsync(BatchId id, CancellationToken cancellationToken);

    /// <summary>Opens a picture.</summary>
    /// <exception cref="IOException">It was deleted.</exception>
    Task<Stream> OpenOutputAsync(string output, CancellationToken cancellationToken);
}
