using Microsoft.DurableTask;

namespace Leyden.DurableTask.Sqlite.Tests.Replay;

// FormerOrderOrchestrator, with one change each.

internal sealed class CallsOneMore : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        await context.CallActivityAsync<string>(nameof(Charge), input.Item);
        var reservation = await context.CallActivityAsync<string>(nameof(Reserve), input);
        await context.CallActivityAsync<string>(nameof(Ship), reservation);
        return reservation;
    }
}

internal sealed class CallsOneLess : TaskOrchestrator<Order, string>
{
    public override Task<string> RunAsync(TaskOrchestrationContext context, Order input) =>
        context.CallActivityAsync<string>(nameof(Charge), input.Item);
}

internal sealed class AnswersOtherwise : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        await context.CallActivityAsync<string>(nameof(Charge), input.Item);
        await context.CallActivityAsync<string>(nameof(Reserve), input);
        return "nothing";
    }
}

internal sealed class FailsInTheEnd : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        await context.CallActivityAsync<string>(nameof(Charge), input.Item);
        await context.CallActivityAsync<string>(nameof(Reserve), input);
        throw new InvalidOperationException("changed its mind");
    }
}

internal sealed class SleepsInstead : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        await context.CreateTimer(TimeSpan.FromMinutes(1), CancellationToken.None);
        return await context.CallActivityAsync<string>(nameof(Reserve), input);
    }
}

internal sealed class WaitsInTheEnd : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        await context.CallActivityAsync<string>(nameof(Charge), input.Item);
        var reservation = await context.CallActivityAsync<string>(nameof(Reserve), input);
        await context.WaitForExternalEvent<string>("never", CancellationToken.None);
        return reservation;
    }
}

/// <summary>ApprovalOrchestrator without the wait: it sets the same timer and ends.</summary>
internal sealed class DoesNotWait : TaskOrchestrator<string, bool>
{
    public override Task<bool> RunAsync(TaskOrchestrationContext context, string input)
    {
        using var cancel = new CancellationTokenSource();
        _ = context.CreateTimer(TimeSpan.FromHours(1), cancel.Token);
        cancel.Cancel();
        return Task.FromResult(true);
    }
}
