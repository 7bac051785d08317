using System.Diagnostics;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using Leyden.DurableTask.Sqlite;

namespace Leyden.CrashHarness;

/// <summary>One orchestration whose activity kills the process that runs it.</summary>
internal static class Killer
{
    public const int MaxDeliveryAttempts = 3;

    /// <summary>Ends with 0 once the orchestration has ended, and prints how.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        await using var service = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions
            {
                Path = Path.Combine(folder, "engine.db"),
                MaxDeliveryAttempts = MaxDeliveryAttempts,
            }
        );
        using var worker = new TaskHubWorker(service) { ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails };
        worker.AddTaskOrchestrations(typeof(Doomed));
        worker.AddTaskActivities(typeof(KillProcess));
        await service.CreateIfNotExistsAsync();
        var client = new TaskHubClient(service);
        try
        {
            await client.CreateOrchestrationInstanceAsync(typeof(Doomed), "doomed", "input");
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Started by the first of the processes.
        }

        await worker.StartAsync();
        var state = await client.WaitForOrchestrationAsync(
            new OrchestrationInstance { InstanceId = "doomed" },
            Timeout.InfiniteTimeSpan,
            CancellationToken.None
        );
        Console.WriteLine($"{state.OrchestrationStatus}: {state.FailureDetails?.ErrorMessage}");
        await worker.StopAsync(isForced: true);
        return 0;
    }
}

internal sealed class Doomed : TaskOrchestration<string, string>
{
    public override Task<string> RunTask(OrchestrationContext context, string input) =>
        context.ScheduleTask<string>(typeof(KillProcess), input);
}

internal sealed class KillProcess : TaskActivity<string, string>
{
    protected override string Execute(TaskContext context, string input)
    {
        Process.GetCurrentProcess().Kill();
        return "not reached";
    }
}
