using Leyden.DurableTask.Sqlite.Tests.Conformance;
using Microsoft.DurableTask;

namespace Leyden.DurableTask.Sqlite.Tests.Replay;

internal sealed record Order(string Item, int Count);

/// <summary>Calls, a repeated failure, a child and a timer, one after another.</summary>
internal sealed class OrderOrchestrator : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        var reservation = await context.CallActivityAsync<string>(nameof(Reserve), input);
        var policy = new RetryPolicy(maxNumberOfAttempts: 3, TimeSpan.FromMilliseconds(10));
        await context.CallActivityAsync<string>(nameof(Charge), reservation, TaskOptions.FromRetryPolicy(policy));
        var shipment = await context.CallSubOrchestratorAsync<string>(nameof(ShippingOrchestrator), reservation);
        await context.CreateTimer(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        return $"{reservation}, {shipment}";
    }
}

/// <summary>As <see cref="OrderOrchestrator"/> was before goods were reserved first; instances of then cannot go on.</summary>
internal sealed class FormerOrderOrchestrator : TaskOrchestrator<Order, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, Order input)
    {
        await context.CallActivityAsync<string>(nameof(Charge), input.Item);
        var reservation = await context.CallActivityAsync<string>(nameof(Reserve), input);
        return reservation;
    }
}

internal sealed class ShippingOrchestrator : TaskOrchestrator<string, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, string input) =>
        await context.CallActivityAsync<string>(nameof(Ship), $"{input} for {context.Parent?.Name}");
}

/// <summary>A race of an event and a timer, with a message to another instance.</summary>
internal sealed class ApprovalOrchestrator : TaskOrchestrator<string, bool>
{
    public override async Task<bool> RunAsync(TaskOrchestrationContext context, string input)
    {
        using var cancel = new CancellationTokenSource();
        var timer = context.CreateTimer(TimeSpan.FromHours(1), cancel.Token);
        var approval = context.WaitForExternalEvent<bool>("approval", CancellationToken.None);
        if (await Task.WhenAny(timer, approval) == timer)
        {
            return false;
        }

        cancel.Cancel();
        context.SendEvent(input, "approved", context.NewGuid());
        return await approval;
    }
}

internal sealed class Reserve : TaskActivity<Order, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, Order input) =>
        Task.FromResult($"{input.Count} {input.Item}");
}

/// <summary>Fails the first time that an instance calls it whose id begins with "flaky".</summary>
internal sealed class Charge(Attempts attempts) : TaskActivity<string, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, string input) =>
        attempts.Next(context.InstanceId) == 1 && context.InstanceId.StartsWith("flaky", StringComparison.Ordinal)
            ? throw new TimeoutException("The bank did not answer.")
            : Task.FromResult($"charged {input}");
}

internal sealed class Ship : TaskActivity<string, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, string input) =>
        Task.FromResult($"shipped {input}");
}
