using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>
/// What the topics of the conformance suite share. A topic is an abstract class with the facts, and one line per engine
/// that runs them there; <see cref="CoverageTests"/> sees that no topic forgets an engine.
/// </summary>
/// <typeparam name="TEngine">The engine that the facts run on.</typeparam>
public abstract class Suite<TEngine>(EngineHosts hosts)
    where TEngine : Engine
{
    /// <summary>Longer than anything here takes on a busy machine; only a hang reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    protected Engine Engine { get; } = hosts.Engine<TEngine>();

    /// <summary>The engine's name as a part of instance ids, for ids that a fact chooses.</summary>
    protected string EngineName => Engine.Name.Replace(' ', '-');

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected async Task<DurableTaskClient> ClientAsync() => (await hosts.SharedAsync<TEngine>()).Client;

    /// <summary>A host with an empty engine, for facts about all instances.</summary>
    protected Task<EngineHost> OwnHostAsync() => hosts.StartAsync<TEngine>(Cancelled);

    /// <summary>Starts an instance; returns its id.</summary>
    protected async Task<string> StartAsync<TOrchestrator>(
        object? input = null,
        StartOrchestrationOptions? options = null
    )
        where TOrchestrator : ITaskOrchestrator
    {
        var client = await ClientAsync();
        return await client.ScheduleNewOrchestrationInstanceAsync(
            typeof(TOrchestrator).Name,
            input,
            options,
            Cancelled
        );
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    protected async Task<OrchestrationMetadata> RunAsync<TOrchestrator>(
        object? input = null,
        StartOrchestrationOptions? options = null
    )
        where TOrchestrator : ITaskOrchestrator => await EndAsync(await StartAsync<TOrchestrator>(input, options));

    /// <summary>Starts an instance, waits for its end, and reads its output, which it must have.</summary>
    protected async Task<TOutput> OutputAsync<TOrchestrator, TOutput>(
        object? input = null,
        StartOrchestrationOptions? options = null
    )
        where TOrchestrator : ITaskOrchestrator => Output<TOutput>(await RunAsync<TOrchestrator>(input, options));

    /// <summary>The output of an instance that must have completed.</summary>
    protected static TOutput Output<TOutput>(OrchestrationMetadata ended)
    {
        Assert.True(
            ended.RuntimeStatus == OrchestrationRuntimeStatus.Completed,
            $"{ended.RuntimeStatus}: {ended.FailureDetails?.ErrorType} {ended.FailureDetails?.ErrorMessage}"
        );
        return ended.ReadOutputAs<TOutput>()!;
    }

    protected async Task<OrchestrationMetadata> EndAsync(string instanceId)
    {
        var client = await ClientAsync();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        timeout.CancelAfter(Patience);
        return await client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, timeout.Token);
    }

    /// <summary>Waits until an instance is as expected.</summary>
    protected async Task<OrchestrationMetadata> UntilAsync(
        string instanceId,
        Func<OrchestrationMetadata, bool> expected
    )
    {
        var client = await ClientAsync();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        timeout.CancelAfter(Patience);
        while (true)
        {
            var now = await client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, timeout.Token);
            if (now is not null && expected(now))
            {
                return now;
            }

            await Task.Delay(Glance, TimeProvider.System, timeout.Token);
        }
    }

    protected async Task RaiseAsync(string instanceId, string name, object? payload = null) =>
        await (await ClientAsync()).RaiseEventAsync(instanceId, name, payload, Cancelled);
}
