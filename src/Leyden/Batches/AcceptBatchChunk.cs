using Leyden.Orchestration;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask;

namespace Leyden.Batches;

/// <summary>
/// Accepts the predictions of one chunk. Their ids follow from the moment at which the chunk was first begun, which is written down, so a
/// repeat finds what is there already and accepts nothing twice.
/// </summary>
public sealed class AcceptBatchChunk(
    BatchStore batches,
    PredictionStore predictions,
    IObjectStore objects,
    TimeProvider time
) : TaskActivity<ChunkWork, AcceptedChunk>
{
    private const int ConcurrentWrites = 8;

    /// <inheritdoc/>
    public override async Task<AcceptedChunk> RunAsync(TaskActivityContext context, ChunkWork input)
    {
        var stop = CancellationToken.None; // an activity has no token of its own: its calls have time-outs
        if (
            await batches.FindAsync(input.Owner, input.Id, stop)
            is not { Status: BatchStatus.Processing, CancelRequestedAt: null } batch
        )
        {
            return new AcceptedChunk([], Stop: true);
        }

        var key = BatchKeys.Acceptance(batch, input.Chunk);
        var begun = await BeginAsync(key, stop);
        var drafts = await objects
            .GetJsonLinesAsync<PredictionDraft>(BatchKeys.Items(batch.Owner, batch.Parts, input.Chunk), stop)
            .ToListAsync(stop);
        var accepted = drafts
            .Select((draft, i) => draft.Accept(batch.Owner, begun.IdOf(batch, input.Chunk, i), begun.At))
            .ToList();
        if (!begun.IsComplete)
        {
            await Parallel.ForEachAsync(
                accepted,
                new ParallelOptions { MaxDegreeOfParallelism = ConcurrentWrites },
                async (prediction, token) => await predictions.AddAsync(prediction, token)
            );
            // From here on a record that is missing was deleted by its owner, and is not made again.
            var complete = begun with
            {
                IsComplete = true,
                Count = accepted.Count,
            };
            await objects.PutJsonAsync(key, complete, WriteCondition.None, stop);
        }

        return new AcceptedChunk(
            [
                .. accepted.Select(p => new PredictionWork(
                    p.Deadline,
                    new PredictionStep(p.Owner, p.Id, StepKind.Submit)
                )),
            ],
            Stop: false
        );
    }

    private async Task<ChunkAcceptance> BeginAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        // To the millisecond, as the ids have it.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var begun = new ChunkAcceptance(now);
        if (await objects.PutJsonAsync(key, begun, WriteCondition.IfAbsent, cancellationToken) is not null)
        {
            return begun;
        }

        return (await objects.GetJsonAsync<ChunkAcceptance>(key, cancellationToken))?.Value
            ?? throw new ContentionException($"{key} was deleted while its batch was under way.");
    }
}

/// <summary>One chunk of a batch.</summary>
/// <param name="Owner">Whose batch.</param>
/// <param name="Id">Which.</param>
/// <param name="Chunk">The chunk's number, from 0.</param>
public sealed record ChunkWork(Owner Owner, BatchId Id, int Chunk);

/// <summary>A chunk whose predictions are on record.</summary>
/// <param name="Predictions">What their orchestrations are given.</param>
/// <param name="Stop">Whether the batch is not to go on: canceled, ended or deleted.</param>
public sealed record AcceptedChunk(IReadOnlyList<PredictionWork> Predictions, bool Stop);

/// <summary>The document that a chunk's acceptance leaves.</summary>
/// <param name="At">When it was first begun: the moment in the ids of its predictions.</param>
/// <param name="Count">How many predictions it has, once complete.</param>
/// <param name="IsComplete">Whether all of them were recorded.</param>
internal sealed record ChunkAcceptance(DateTimeOffset At, int Count = 0, bool IsComplete = false)
{
    /// <summary>The id of one of its predictions.</summary>
    public PredictionId IdOf(Batch batch, int chunk, int position) =>
        PredictionId.Member(At, (chunk * Batch.ChunkSize) + position, batch.Id.Value);
}
