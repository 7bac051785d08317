using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

internal sealed record Progress(string Phase, int Step);

internal sealed class ReportsStatus : TaskOrchestrator<object?, int>
{
    public override async Task<int> RunAsync(TaskOrchestrationContext context, object? input)
    {
        context.SetCustomStatus(new Progress("waiting", 1));
        await context.WaitForExternalEvent<string>("go", CancellationToken.None);
        context.SetCustomStatus(new Progress("done", 2));
        return 0;
    }
}

internal sealed record Generation(int Number, int Last);

/// <summary>Does a little work in each generation, then starts over with an empty history.</summary>
internal sealed class Generations : TaskOrchestrator<Generation, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Generation input)
    {
        await context.CallActivityAsync<int>(nameof(Increment), input.Number);
        if (input.Number < input.Last)
        {
            context.ContinueAsNew(input with { Number = input.Number + 1 });
        }

        return $"generation {input.Number}";
    }
}

internal sealed class ChecksDeterminism : TaskOrchestrator<object?, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, object? input)
    {
        // The activity has what the first execution drew; the comparison is made by the last replay.
        var drawn = $"{context.NewGuid()} {context.CurrentUtcDateTime:O}";
        var echoed = await context.CallActivityAsync<string>(nameof(EchoText), drawn);
        var later = $"{context.NewGuid()} {context.CurrentUtcDateTime:O}";
        var echoedLater = await context.CallActivityAsync<string>(nameof(EchoText), later);
        return (drawn == echoed && later == echoedLater && drawn != later) ? "same" : $"{drawn} was {echoed}";
    }
}

internal sealed class ParentOfWaiting : TaskOrchestrator<object?, string[]>
{
    public override Task<string[]> RunAsync(TaskOrchestrationContext context, object? input)
    {
        var options = new SubOrchestrationOptions(instanceId: $"{context.InstanceId}:child");
        return context.CallSubOrchestratorAsync<string[]>(nameof(EventReader), new EventReading("go", 1), options);
    }
}

internal sealed partial class Logs : TaskOrchestrator<object?, int>
{
    public override async Task<int> RunAsync(TaskOrchestrationContext context, object? input)
    {
        var logger = context.CreateReplaySafeLogger<Logs>();
        Log.Step(logger, context.InstanceId, "begin");
        await context.CallActivityAsync<int>(nameof(Increment), 1);
        Log.Step(logger, context.InstanceId, "middle");
        await context.CallActivityAsync<int>(nameof(Increment), 1);
        Log.Step(logger, context.InstanceId, "end");
        return 0;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{InstanceId} {Step}")]
        public static partial void Step(ILogger logger, string instanceId, string step);
    }
}
