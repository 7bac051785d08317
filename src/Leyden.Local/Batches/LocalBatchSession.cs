using System.Runtime.CompilerServices;
using Leyden.Batches;
using Leyden.Local.Generating;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;

namespace Leyden.Local.Batches;

/// <summary>Runs a batch in this process, on the durable engine in the data folder.</summary>
/// <param name="host">Disposed with this.</param>
internal sealed class LocalBatchSession(EmbeddedHost host) : IBatchSession
{
    private readonly BatchService _service = host.Services.GetRequiredService<BatchService>();
    private readonly BatchStore _store = host.Services.GetRequiredService<BatchStore>();
    private readonly IObjectStore _objects = host.Services.GetRequiredService<IObjectStore>();
    private readonly DurableTaskClient _client = host.Services.GetRequiredService<DurableTaskClient>();

    /// <inheritdoc/>
    public async Task<BatchView> SubmitAsync(BatchFile file, string key, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(file.Lines);
        var lines = BatchLines.ReadAsync(content, Owner.Local, cancellationToken);
        return await _service.SubmitAsync(Owner.Local, lines, key, _client, cancellationToken) switch
        {
            BatchOutcome.Accepted accepted => View(accepted.Batch),
            BatchOutcome.Invalid invalid => throw new UsageException(invalid.Errors),
            _ => throw BatchCommand.KeyReused(),
        };
    }

    /// <inheritdoc/>
    public async Task<BatchView?> FindAsync(BatchId id, CancellationToken cancellationToken) =>
        await _service.FindAsync(Owner.Local, id, cancellationToken) is { } batch ? View(batch) : null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<BatchItem> ReadResultsAsync(
        BatchId id,
        int from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (await _service.FindAsync(Owner.Local, id, cancellationToken) is not { } batch)
        {
            yield break;
        }

        await foreach (var result in _store.ReadResultsAsync(batch, from, cancellationToken))
        {
            yield return new BatchItem(
                result.Index,
                result.Id?.Value,
                result.Status,
                [.. result.Outputs.Select(o => o.Key.Value)],
                result.Failure?.Message
            );
        }
    }

    /// <inheritdoc/>
    public Task CancelAsync(BatchId id, CancellationToken cancellationToken) =>
        _service.CancelAsync(Owner.Local, id, _client, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> OpenOutputAsync(string output, CancellationToken cancellationToken) =>
        (await _objects.GetAsync(new ObjectKey(output), cancellationToken))?.Content
        ?? throw new IOException($"{output} was deleted.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => host.DisposeAsync();

    private static BatchView View(Batch batch) =>
        new(
            batch.Id,
            batch.Status,
            batch.Counts,
            batch is { Status: BatchStatus.Processing, CancelRequestedAt: not null },
            batch.Failure?.Message
        );
}
