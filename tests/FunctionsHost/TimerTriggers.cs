using Microsoft.Azure.Functions.Worker;

namespace Leyden.FunctionsHost;

/// <summary>
/// Functions that timers set off: at an interval, and on demand by <c>POST /admin/functions/NAME</c>, which the real host has too. Their
/// schedules are not followed.
/// </summary>
internal sealed partial class TimerTriggers(
    IReadOnlyList<FunctionMethod> functions,
    FunctionsHostOptions options,
    IServiceProvider services,
    TimeProvider time,
    ILogger<TimerTriggers> logger
) : BackgroundService
{
    /// <summary>Runs a function now.</summary>
    /// <returns>Whether there is one of this name.</returns>
    public async Task<bool> RunAsync(string name, CancellationToken cancellationToken)
    {
        var function = Timers.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase));
        if (function is null)
        {
            return false;
        }

        await RunAsync(function, cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.TimerInterval is not { } interval)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var function in Timers)
            {
                try
                {
                    await RunAsync(function, stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    Log.Failed(logger, e, function.Name);
                }
            }
        }
    }

    private IEnumerable<FunctionMethod> Timers => functions.Where(f => f.Trigger is TimerTriggerAttribute);

    private async Task RunAsync(FunctionMethod function, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var timer = new TimerInfo { IsPastDue = false };
        await function.InvokeAsync(scope.ServiceProvider, timer, new Dictionary<string, object?>(), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Function} failed")]
        public static partial void Failed(ILogger logger, Exception reason, string function);
    }
}
