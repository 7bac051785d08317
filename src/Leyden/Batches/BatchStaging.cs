using System.Security.Cryptography;
using System.Text;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Batches;

/// <summary>
/// Takes in the items of a batch that does not exist yet: judges each and stores the good ones chunk by chunk under a fresh id. Nothing
/// refers to them until the batch's record is written; <see cref="DiscardAsync"/> takes them back.
/// </summary>
internal sealed class BatchStaging(IObjectStore objects, PredictionAdmission admission, Owner owner, BatchId id)
    : IDisposable
{
    private const int NamedErrors = 20;

    // Items are kept as they are accepted, and secrets are not kept with what they belong to.
    private static readonly InputError SecretInBatch = new(
        "webhook_secret",
        "webhook_secret can not be honoured in a batch: leave it out, and deliveries are signed with this deployment's own key."
    );

    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<PredictionDraft> _chunk = [];
    private readonly List<InputError> _errors = [];
    private int _chunks;

    /// <summary>How many items were good.</summary>
    public int Count { get; private set; }

    /// <summary>How many items were not.</summary>
    public int Faulty { get; private set; }

    /// <summary>The first faults.</summary>
    public IReadOnlyList<InputError> Errors => _errors;

    /// <summary>Takes in all items.</summary>
    public async Task FillAsync(IAsyncEnumerable<BatchLine> lines, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            if (Count + Faulty == Batch.MaxItems)
            {
                Refuse(BatchLine.Unreadable(line.Place, "", $"a batch may have {Batch.MaxItems} items.").Errors, line);
                return;
            }

            await AddAsync(line, cancellationToken);
        }

        await StoreChunkAsync(cancellationToken);
        if (Count == 0 && Faulty == 0)
        {
            _errors.Add(new InputError("prompts", "The batch is empty; it must have at least one item."));
        }
    }

    /// <summary>A digest of all that was asked for.</summary>
    public string Digest() => Convert.ToHexStringLower(_digest.GetCurrentHash());

    /// <summary>Deletes what was stored.</summary>
    public Task DiscardAsync(CancellationToken cancellationToken) =>
        objects.DeleteAllAsync(BatchKeys.PartsOf(owner, id), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();

    private async Task AddAsync(BatchLine line, CancellationToken cancellationToken)
    {
        if (line.Request is null)
        {
            Refuse(line.Errors, line);
        }
        else if (line.Request.Webhook?.Secret is not null)
        {
            Refuse([SecretInBatch], line);
        }
        else if (!admission.TryAdmit(line.Request, out var draft, out var errors))
        {
            Refuse(errors, line);
        }
        else
        {
            Count++;
            _digest.AppendData(Encoding.ASCII.GetBytes(line.Request.Digest()));
            _chunk.Add(draft);
            if (_chunk.Count == Batch.ChunkSize)
            {
                await StoreChunkAsync(cancellationToken);
            }
        }
    }

    private void Refuse(IReadOnlyList<InputError> errors, BatchLine line)
    {
        Faulty++;
        _errors.AddRange(
            errors
                .Take(NamedErrors - _errors.Count)
                .Select(e => new InputError(
                    string.Join(": ", new[] { line.Place, e.Field }.Where(part => part.Length > 0)),
                    line.Place.Length > 0 ? $"{line.Place}: {e.Message}" : e.Message
                ))
        );
    }

    private async Task StoreChunkAsync(CancellationToken cancellationToken)
    {
        // With a fault the batch will not be: the rest is only read for further ones.
        if (_chunk.Count > 0 && Faulty == 0)
        {
            await objects.PutJsonLinesAsync(BatchKeys.Items(owner, id, _chunks++), _chunk, cancellationToken);
        }

        _chunk.Clear();
    }
}
