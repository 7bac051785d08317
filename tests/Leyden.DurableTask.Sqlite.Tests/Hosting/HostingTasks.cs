using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Tests.Hosting;

internal enum Color
{
    Red,
    Green,
}

internal sealed record Paint(Color Color, int Coats);

internal sealed class WaitsForColor : TaskOrchestrator<Paint?, Paint>
{
    public override async Task<Paint> RunAsync(TaskOrchestrationContext context, Paint? input)
    {
        var raised = await context.WaitForExternalEvent<Paint>("color", CancellationToken.None);
        context.SetCustomStatus(raised);
        return await context.CallActivityAsync<Paint>(nameof(AddCoat), raised);
    }
}

internal sealed class AddCoat : TaskActivity<Paint, Paint>
{
    public override Task<Paint> RunAsync(TaskActivityContext context, Paint input) =>
        Task.FromResult(input with { Coats = input.Coats + 1 });
}

/// <summary>Holds an activity until the test opens it.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _passed;

    public Task Entered => _entered.Task;

    public int Passed => Volatile.Read(ref _passed);

    public void AddTo(IServiceCollection services) => services.AddSingleton(this);

    public void Open() => _open.TrySetResult();

    public async Task PassAsync()
    {
        _entered.TrySetResult();
        await _open.Task;
        Interlocked.Increment(ref _passed);
    }
}

internal sealed class GateActivity(Gate gate) : TaskActivity<object?, int>
{
    public override async Task<int> RunAsync(TaskActivityContext context, object? input)
    {
        await gate.PassAsync();
        return gate.Passed;
    }
}

internal sealed class PassesGate : TaskOrchestrator<object?, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, object? input) =>
        context.CallActivityAsync<int>(nameof(GateActivity));
}

internal sealed class CannotBeMade : TaskOrchestrator<object?, int>
{
    public CannotBeMade() => throw new InvalidOperationException("no such thing");

    public override Task<int> RunAsync(TaskOrchestrationContext context, object? input) => Task.FromResult(0);
}

internal sealed class TellsVersionOnly : TaskOrchestrator<object?, string>
{
    public override Task<string> RunAsync(TaskOrchestrationContext context, object? input) =>
        Task.FromResult(context.Version);
}

[DurableTask("Versioned", Version = "1")]
internal sealed class FirstVersion : TaskOrchestrator<object?, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, object? input) => Task.FromResult(1);
}

[DurableTask("Versioned", Version = "2")]
internal sealed class SecondVersion : TaskOrchestrator<object?, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, object? input) => Task.FromResult(2);
}
