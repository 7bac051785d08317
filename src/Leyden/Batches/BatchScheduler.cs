using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Leyden.Batches;

/// <summary>Starts the orchestrations of batches and speaks to them. As with predictions, the record is the lock, not the engine.</summary>
public sealed partial class BatchScheduler(ILogger<BatchScheduler> logger)
{
    /// <summary>Starts the orchestration of a batch that has not ended, unless one is running.</summary>
    /// <returns>Whether it was started by this call.</returns>
    public async Task<bool> EnsureStartedAsync(
        Batch batch,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        if (batch.Status != BatchStatus.Processing || await IsRunningAsync(batch, client, cancellationToken))
        {
            return false;
        }

        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(BatchOrchestrator),
                new BatchWork(batch.Owner, batch.Id, batch.Chunks, batch.Lanes),
                new Microsoft.DurableTask.StartOrchestrationOptions(batch.Id.Value),
                cancellationToken
            );
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A twin of this request was faster: each engine refuses with an exception of its own.
            if (!await IsRunningAsync(batch, client, cancellationToken))
            {
                throw;
            }

            Log.StartedByTwin(logger, e, batch.Id);
            return false;
        }
    }

    /// <summary>Tells the orchestration that its batch is to be canceled. The record says so too: an event that is lost delays it by a minute.</summary>
    public async Task CancelAsync(Batch batch, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (!await EnsureStartedAsync(batch, client, cancellationToken))
        {
            await client.RaiseEventAsync(batch.Id.Value, BatchEvents.Cancel, cancellation: cancellationToken);
        }
    }

    private static async Task<bool> IsRunningAsync(
        Batch batch,
        DurableTaskClient client,
        CancellationToken cancellationToken
    ) => await client.GetInstanceAsync(batch.Id.Value, cancellationToken) is { IsCompleted: false };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The orchestration of batch {Id} was started by another request")]
        public static partial void StartedByTwin(ILogger logger, Exception reason, BatchId id);
    }
}
