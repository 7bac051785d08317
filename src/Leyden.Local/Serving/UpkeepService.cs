using Microsoft.DurableTask.Client;

namespace Leyden.Local.Serving;

/// <summary>Does the upkeep while the server runs: at its start, and then at intervals.</summary>
internal sealed partial class UpkeepService(
    Upkeep upkeep,
    DurableTaskClient client,
    TimeProvider time,
    ILogger<UpkeepService> logger
) : BackgroundService
{
    private static readonly TimeSpan HealInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(HealInterval, time);
        long? cleaned = null;
        do
        {
            await TryAsync("heal predictions", upkeep.HealAsync(client, stoppingToken), stoppingToken);
            if (cleaned is null || time.GetElapsedTime(cleaned.Value) >= CleanInterval)
            {
                cleaned = time.GetTimestamp();
                await TryAsync("delete old predictions", upkeep.DeleteOldAsync(stoppingToken), stoppingToken);
                await TryAsync(
                    "forget orchestrations",
                    upkeep.ForgetOrchestrationsAsync(client, stoppingToken),
                    stoppingToken
                );
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Sees one thing through; what goes wrong with it is tried again the next time and keeps nothing else from being done.</summary>
    private async Task TryAsync(string what, Task act, CancellationToken stoppingToken)
    {
        try
        {
            await act;
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
