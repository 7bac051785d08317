using Leyden.Predictions;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.Batches;

/// <summary>Writes the end of a batch into its record, whose counts are complete by then.</summary>
public sealed partial class EndBatch(BatchStore batches, TimeProvider time, ILogger<EndBatch> logger)
    : TaskActivity<BatchEnd, string>
{
    /// <inheritdoc/>
    public override async Task<string> RunAsync(TaskActivityContext context, BatchEnd input)
    {
        var stop = CancellationToken.None; // an activity has no token of its own: its calls have time-outs
        var now = time.GetUtcNow();
        var ended = await batches.ChangeAsync(
            input.Owner,
            input.Id,
            batch => Ended(batch, input.IsFault) with { CompletedAt = now },
            stop
        );
        await batches.CloseAsync(input.Owner, input.Id, stop);
        if (ended is null)
        {
            return "deleted";
        }

        var counts = ended.Counts;
        Log.Ended(logger, ended.Id, ended.Status, counts.Succeeded, counts.Failed, counts.Canceled);
        return ended.Status.ToString();
    }

    private static Batch Ended(Batch batch, bool isFault)
    {
        var counts = batch.Counts;
        var isCanceled = batch.CancelRequestedAt is not null && counts.Succeeded + counts.Failed < counts.Total;
        if (counts.Finished == counts.Total && !isCanceled)
        {
            return batch with { Status = BatchStatus.Completed };
        }

        return isCanceled && !isFault
            ? batch with
            {
                Status = BatchStatus.Canceled,
            }
            : batch with
            {
                Status = BatchStatus.Failed,
                Failure = new PredictionFailure(
                    FailureCodes.Internal,
                    Retryable: false,
                    "The batch could not go on because of a fault in this service. Predictions that were started go on by themselves."
                ),
            };
    }

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Information,
            "Batch {Id} {Status}: {Succeeded} succeeded, {Failed} failed, {Canceled} canceled"
        )]
        public static partial void Ended(
            ILogger logger,
            BatchId id,
            BatchStatus status,
            int succeeded,
            int failed,
            int canceled
        );
    }
}

/// <summary>The end of a batch's work.</summary>
/// <param name="Owner">Whose batch.</param>
/// <param name="Id">Which.</param>
/// <param name="IsFault">Whether a lane failed for as long as its steps are repeated.</param>
public sealed record BatchEnd(Owner Owner, BatchId Id, bool IsFault);
