using Leyden.Predictions;
using Microsoft.DurableTask.Client;

namespace Leyden.Local.Serving;

/// <summary>
/// What a server does beside serving: heals predictions that were cut short, deletes what is older than the retention, and forgets
/// finished orchestrations, whose outcome is in the records.
/// </summary>
internal sealed partial class Upkeep(
    PredictionSweeper sweeper,
    DurableTaskClient client,
    TimeProvider time,
    ILogger<Upkeep> logger
) : BackgroundService
{
    private static readonly TimeSpan HealInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan InstanceAge = TimeSpan.FromDays(1);
    private static readonly OrchestrationRuntimeStatus[] Ended =
    [
        OrchestrationRuntimeStatus.Completed,
        OrchestrationRuntimeStatus.Failed,
        OrchestrationRuntimeStatus.Terminated,
    ];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(HealInterval, time);
        long? cleaned = null;
        do
        {
            await TryAsync("heal predictions", () => sweeper.HealAsync(client, stoppingToken), stoppingToken);
            if (cleaned is null || time.GetElapsedTime(cleaned.Value) >= CleanInterval)
            {
                cleaned = time.GetTimestamp();
                await TryAsync("delete old predictions", () => sweeper.DeleteOldAsync(stoppingToken), stoppingToken);
                await TryAsync("forget orchestrations", () => ForgetAsync(stoppingToken), stoppingToken);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Task<PurgeResult> ForgetAsync(CancellationToken cancellationToken) =>
        client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(CreatedFrom: null, CreatedTo: time.GetUtcNow() - InstanceAge, Ended),
            cancellation: cancellationToken
        );

    /// <summary>Does one thing; what goes wrong with it is tried again the next time and keeps nothing else from being done.</summary>
    private async Task TryAsync(string what, Func<Task> act, CancellationToken stoppingToken)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.NotDone(logger, e, what);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Could not {What}; trying again later")]
        public static partial void NotDone(ILogger logger, Exception reason, string what);
    }
}
