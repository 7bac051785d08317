using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class RestartTests
{
    [Fact]
    public async Task A_timer_that_became_due_while_no_process_ran_fires_after_the_start()
    {
        await using var engine = await Sleeping(TimeSpan.FromMilliseconds(700)).StartAsync();
        var instance = await engine.RunAsync("sleeps");
        await engine.UntilHistoryAsync(instance.InstanceId, h => h.Contains("TimerCreated", StringComparison.Ordinal));

        await engine.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        await engine.StartAsync();

        Assert.Equal("woke", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task A_timer_that_is_due_after_the_restart_still_fires()
    {
        await using var engine = await Sleeping(TimeSpan.FromSeconds(4)).StartAsync();
        var instance = await engine.RunAsync("sleeps");
        await engine.UntilHistoryAsync(instance.InstanceId, h => h.Contains("TimerCreated", StringComparison.Ordinal));

        await engine.RestartAsync();

        Assert.Equal("woke", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task Instances_that_were_started_while_no_worker_ran_run_when_one_does()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).OpenAsync();
        var instances = new List<OrchestrationInstance>();
        for (var i = 0; i < 20; i++)
        {
            instances.Add(await engine.RunAsync("three", $"{i}"));
        }

        await engine.StopAsync();
        await engine.StartAsync();

        foreach (var (i, instance) in instances.Index())
        {
            Assert.Equal($"{i}xxx", Payload.Text((await engine.ResultAsync(instance)).Output));
        }
    }

    [Fact]
    public async Task An_instance_waits_on_for_its_event_after_a_restart()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");
        await engine.UntilAsync(instance.InstanceId, s => s.OrchestrationStatus == OrchestrationStatus.Running);

        await engine.RestartAsync();
        await engine.Client.RaiseEventAsync(instance, "go", "after");

        Assert.Equal("after", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task A_worker_can_be_stopped_and_started_again_on_the_same_service()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        await engine.CompleteAsync("three", "a");

        await engine.StopWorkerAsync();
        var instance = await engine.RunAsync("three", "b");
        await engine.StartAsync();

        Assert.Equal("bxxx", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    private static EngineHarness Sleeping(TimeSpan delay) =>
        new EngineHarness().Orchestration(
            "sleeps",
            async (context, _) =>
            {
                await context.CreateTimer(context.CurrentUtcDateTime + delay, "");
                return "woke";
            }
        );
}
