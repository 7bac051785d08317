using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

/// <summary>
/// Work that ends the process each time it is handed out. The death of the process is played by closing the file without completing what was
/// taken: for the file it makes no difference.
/// </summary>
public sealed class PoisonTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_activity_that_ends_the_process_is_handed_out_only_so_often_and_then_fails_with_a_reason()
    {
        await using var engine = await new EngineHarness { MaxDeliveryAttempts = 3 }
            .Orchestration("runs", async (context, _) => await context.ScheduleTask<string>("killer", ""))
            .OpenAsync();
        var instance = await engine.RunAsync("runs");
        await TakeAndCompleteTurnAsync(engine);

        for (var delivery = 1; delivery <= 3; delivery++)
        {
            await engine.Service.StartAsync();
            var activity = await engine.Service.LockNextTaskActivityWorkItem(Soon, Cancel);
            Assert.True(activity is not null, $"Delivery {delivery} of 3 did not happen.");
            await engine.StopAsync();
            await engine.OpenAsync();
        }

        // The activity is not registered: were it handed out a fourth time, the instance would never end.
        await engine.StartAsync();
        var state = await engine.ResultAsync(instance);
        Assert.Equal(OrchestrationStatus.Failed, state.OrchestrationStatus);
        Assert.Contains("'killer' was handed out 3 times", state.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(0, await engine.RowsAsync("activities"));
    }

    [Fact]
    public async Task An_orchestration_that_ends_the_process_is_handed_out_only_so_often_and_then_fails_with_a_reason()
    {
        await using var engine = await new EngineHarness { MaxDeliveryAttempts = 3 }.OpenAsync();
        var instance = await engine.RunAsync("killer");
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            await engine.Service.StartAsync();
            var turn = await engine.Service.LockNextTaskOrchestrationWorkItemAsync(Soon, Cancel);
            Assert.True(turn is not null, $"Delivery {delivery} of 3 did not happen.");
            await engine.StopAsync();
            await engine.OpenAsync();
        }

        await engine.StartAsync();
        var state = await engine.ResultAsync(instance);

        Assert.Equal(OrchestrationStatus.Failed, state.OrchestrationStatus);
        Assert.Equal("PoisonMessage", state.FailureDetails.ErrorType);
        Assert.Contains("ExecutionStarted", state.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("3 times", state.Output, StringComparison.Ordinal);
        Assert.Equal(0, await engine.RowsAsync("inbox"));
        Assert.Contains(
            "ExecutionCompleted",
            await engine.Service.GetOrchestrationHistoryAsync(instance.InstanceId, null),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_poisoned_sub_orchestration_fails_its_parent()
    {
        await using var engine = await new EngineHarness { MaxDeliveryAttempts = 2 }
            .Orchestration(
                "parent",
                async (context, _) => await context.CreateSubOrchestrationInstance<string>("killer", "", "child", null)
            )
            .OpenAsync();
        var parent = await engine.RunAsync("parent");
        await TakeAndCompleteTurnAsync(engine);
        for (var delivery = 1; delivery <= 2; delivery++)
        {
            await engine.Service.StartAsync();
            Assert.NotNull(await engine.Service.LockNextTaskOrchestrationWorkItemAsync(Soon, Cancel));
            await engine.StopAsync();
            await engine.OpenAsync();
        }

        await engine.StartAsync();
        var state = await engine.ResultAsync(parent);

        Assert.Equal(OrchestrationStatus.Failed, state.OrchestrationStatus);
        Assert.Contains("handed out 2 times", state.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(
            OrchestrationStatus.Failed,
            (await engine.Client.GetOrchestrationStateAsync("child"))!.OrchestrationStatus
        );
    }

    [Fact]
    public async Task A_turn_that_is_abandoned_in_the_living_process_backs_off_and_finally_fails_the_instance()
    {
        await using var engine = await new EngineHarness { MaxDeliveryAttempts = 3 }.OpenAsync();
        var instance = await engine.RunAsync("never completed");
        await engine.Service.StartAsync();
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            var turn = await engine.Service.LockNextTaskOrchestrationWorkItemAsync(Soon, Cancel);
            Assert.True(turn is not null, $"Delivery {delivery} of 3 did not happen.");
            await engine.Service.AbandonTaskOrchestrationWorkItemAsync(turn);
            await engine.Service.ReleaseTaskOrchestrationWorkItemAsync(turn);
        }

        Assert.Null(await engine.Service.LockNextTaskOrchestrationWorkItemAsync(TimeSpan.FromSeconds(2), Cancel));
        var state = await engine.ResultAsync(instance);
        Assert.Equal("PoisonMessage", state.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task An_activity_that_is_abandoned_in_the_living_process_is_repeated_and_finally_fails()
    {
        await using var engine = await new EngineHarness { MaxDeliveryAttempts = 3 }
            .Orchestration("runs", async (context, _) => await context.ScheduleTask<string>("never", ""))
            .OpenAsync();
        var instance = await engine.RunAsync("runs");
        await TakeAndCompleteTurnAsync(engine);
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            var activity = await engine.Service.LockNextTaskActivityWorkItem(Soon, Cancel);
            Assert.True(activity is not null, $"Delivery {delivery} of 3 did not happen.");
            await engine.Service.AbandonTaskActivityWorkItemAsync(activity);
        }

        await engine.StartAsync();

        Assert.Equal(OrchestrationStatus.Failed, (await engine.ResultAsync(instance)).OrchestrationStatus);
    }

    [Fact]
    public async Task Messages_that_were_only_queued_when_the_process_died_are_not_poison()
    {
        await using var engine = await new EngineHarness { MaxDeliveryAttempts = 2 }
            .Orchestration("quick", (_, input) => Task.FromResult(input))
            .OpenAsync();
        var instance = await engine.RunAsync("quick", "fine");
        for (var restart = 0; restart < 5; restart++)
        {
            await engine.StopAsync();
            await engine.OpenAsync();
        }

        await engine.StartAsync();

        Assert.Equal("fine", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task Only_the_first_result_of_an_activity_counts()
    {
        await using var engine = await new EngineHarness()
            .Orchestration("runs", async (context, _) => await context.ScheduleTask<string>("twice", ""))
            .OpenAsync();
        var instance = await engine.RunAsync("runs");
        await TakeAndCompleteTurnAsync(engine);
        var activity = await engine.Service.LockNextTaskActivityWorkItem(Soon, Cancel);

        await engine.Service.CompleteTaskActivityWorkItemAsync(activity, Answer(activity, "\"first\""));
        await engine.Service.CompleteTaskActivityWorkItemAsync(activity, Answer(activity, "\"second\""));

        Assert.Equal(1, await engine.RowsAsync("inbox"));
        await engine.StartAsync();
        Assert.Equal("first", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task A_history_that_cannot_be_read_fails_the_instance_with_the_reason()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");
        await engine.UntilAsync(instance.InstanceId, s => s.OrchestrationStatus == OrchestrationStatus.Running);
        await engine.StopAsync();
        await engine.ExecuteAsync("UPDATE history SET event = '{\"EventType\":\"Nonsense\"}' WHERE sequence = 1");
        await engine.StartAsync();

        await engine.Client.RaiseEventAsync(instance, "go", "x");

        var state = await engine.ResultAsync(instance);
        Assert.Equal("UnreadableHistory", state.FailureDetails.ErrorType);
        Assert.Contains("Nonsense", state.FailureDetails.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_that_cannot_be_read_fails_its_instance_and_does_not_hold_up_others()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).OpenAsync();
        var broken = await engine.RunAsync("three", "a");
        await TakeAndCompleteTurnAsync(engine);
        await engine.StopAsync();
        await engine.ExecuteAsync("UPDATE activities SET message = '{\"Event\":7}'");
        await engine.StartAsync();

        var state = await engine.ResultAsync(broken);

        Assert.Equal("UnreadableHistory", state.FailureDetails.ErrorType);
        Assert.Equal("bxxx", Payload.Text((await engine.CompleteAsync("three", "b")).Output));
    }

    private static TaskMessage Answer(TaskActivityWorkItem activity, string result) =>
        new()
        {
            OrchestrationInstance = activity.TaskMessage.OrchestrationInstance,
            Event = new TaskCompletedEvent(-1, activity.TaskMessage.Event.EventId, result),
        };

    /// <summary>Runs the worker until the first turn of the only instance is done, then stops it without touching the activity.</summary>
    private static async Task TakeAndCompleteTurnAsync(EngineHarness engine)
    {
        await engine.Service.StartAsync();
        var item = await engine.Service.LockNextTaskOrchestrationWorkItemAsync(Soon, Cancel);
        await engine.RunTurnAsync(item);
        await engine.Service.ReleaseTaskOrchestrationWorkItemAsync(item);
    }
}
