using Leyden.Notifications;
using Leyden.Orchestration;
using Leyden.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Predictions;

/// <summary>
/// Runs now and then: starts what was accepted but never started, ends what its orchestration left without an end, and deletes
/// what is older than the retention. Every part may be cut short and repeated, also by several sweepers at once.
/// </summary>
public sealed partial class PredictionSweeper(
    PredictionStore store,
    IObjectStore objects,
    PredictionScheduler scheduler,
    PredictionEnding ending,
    DeliveryScheduler deliveries,
    DeliveryLogs logs,
    IOptions<PredictionOptions> options,
    TimeProvider time,
    ILogger<PredictionSweeper> logger
)
{
    /// <summary>A younger prediction may be between its record and its orchestration right now.</summary>
    private static readonly TimeSpan YoungestHealed = TimeSpan.FromSeconds(20);

    /// <summary>A marker without a record is from an acceptance that was cut short, unless it is this young.</summary>
    private static readonly TimeSpan YoungestAbandoned = TimeSpan.FromMinutes(10);

    /// <summary>How long after its deadline an orchestration may take to end its prediction.</summary>
    private static readonly TimeSpan EndGrace = TimeSpan.FromHours(2);

    /// <summary>Looks through all predictions that have not ended.</summary>
    /// <returns>How many needed help.</returns>
    public async Task<int> HealAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        var healed = 0;
        await foreach (var owner in objects.AllFoldersAsync(PredictionKeys.Open, cancellationToken))
        {
            await foreach (var key in objects.AllKeysAsync($"{PredictionKeys.Open}{owner}/", cancellationToken))
            {
                if (
                    PredictionKeys.TryReadId(key, out var id)
                    && id.Time < time.GetUtcNow() - YoungestHealed
                    && await HealAsync(new Owner(owner), id, client, cancellationToken)
                )
                {
                    healed++;
                }
            }
        }

        return healed;
    }

    /// <summary>Deletes the ended predictions that are older than the retention.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteOldAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - options.Value.Retention;
        var deleted = 0;
        await foreach (var owner in objects.AllFoldersAsync(PredictionKeys.Records, cancellationToken))
        {
            await foreach (var hour in objects.AllFoldersAsync($"{PredictionKeys.Records}{owner}/", cancellationToken))
            {
                // Folders are named so that older hours sort later; the hour of the limit itself is not over yet.
                if (string.CompareOrdinal(hour, PredictionId.HourFolder(oldest)) > 0)
                {
                    deleted += await DeleteFolderAsync(new Owner(owner), hour, cancellationToken);
                }
            }
        }

        if (deleted > 0)
        {
            Log.DeletedOld(logger, deleted, oldest);
        }

        return deleted;
    }

    private async Task<bool> HealAsync(
        Owner owner,
        PredictionId id,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var prediction = await store.FindAsync(owner, id, cancellationToken);
        if (prediction is null)
        {
            if (id.Time < time.GetUtcNow() - YoungestAbandoned)
            {
                await logs.DeleteAsync(owner, id, cancellationToken);
                await store.CloseAsync(owner, id, cancellationToken);
            }

            return false;
        }

        if (prediction.Status.IsTerminal())
        {
            if (prediction.CompletedAt < time.GetUtcNow() - YoungestHealed)
            {
                await SettleAsync(prediction, client, cancellationToken);
            }

            return false;
        }

        if (await scheduler.EnsureStartedAsync(prediction, client, cancellationToken))
        {
            return true;
        }

        if (prediction.Deadline > time.GetUtcNow() - EndGrace)
        {
            return false;
        }

        Log.Stuck(logger, id, prediction.Deadline);
        var ended = await ending.WriteFailureAsync(prediction, EndPrediction.DeadlineExceeded(), cancellationToken);
        await SettleAsync(ended, client, cancellationToken);
        return true;
    }

    // The marker goes last: no engine repeats this when it is cut short, but the next sweep does.
    private async Task SettleAsync(Prediction ended, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var settled = await ending.SettleOpenAsync(ended, null, cancellationToken);
        await deliveries.StartAsync(settled.Couriers ?? [], client, cancellationToken);
        await store.CloseAsync(ended.Owner, ended.Id, cancellationToken);
    }

    private async Task<int> DeleteFolderAsync(Owner owner, string hour, CancellationToken cancellationToken)
    {
        var deleted = 0;
        var folder = $"{PredictionKeys.RecordsOf(owner)}{hour}/";
        await foreach (var key in objects.AllKeysAsync(folder, cancellationToken))
        {
            if (
                PredictionKeys.TryReadId(key, out var id)
                && await store.FindAsync(owner, id, cancellationToken) is { } prediction
                && prediction.Status.IsTerminal()
            )
            {
                await store.DeleteAsync(prediction, cancellationToken);
                deleted++;
            }
        }

        return deleted;
    }

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Error,
            "Prediction {Id} has not ended although its deadline was {Deadline}; ending it"
        )]
        public static partial void Stuck(ILogger logger, PredictionId id, DateTimeOffset deadline);

        [LoggerMessage(2, LogLevel.Information, "Deleted {Count} predictions from before {Oldest}")]
        public static partial void DeletedOld(ILogger logger, int count, DateTimeOffset oldest);
    }
}
