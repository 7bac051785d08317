using DurableTask.Core;
using DurableTask.Core.Exceptions;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class OrchestrationTests
{
    [Theory]
    [InlineData(SqliteOrchestrationOptions.DefaultHistoryCacheBytes)]
    [InlineData(0)]
    public async Task Three_activities_in_sequence_complete_with_their_result(long historyCacheBytes)
    {
        await using var engine = await Appending(new EngineHarness { HistoryCacheBytes = historyCacheBytes })
            .StartAsync();

        var state = await engine.CompleteAsync("three", "a");

        Assert.Equal(OrchestrationStatus.Completed, state.OrchestrationStatus);
        Assert.Equal("axxx", Payload.Text(state.Output));
        Assert.Equal("a", Payload.Text(state.Input));
        Assert.True(state.CompletedTime >= state.CreatedTime);
    }

    [Fact]
    public async Task Fifty_activities_in_parallel_are_all_counted()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "fan",
                async (context, _) =>
                {
                    var parts = Enumerable.Range(0, 50).Select(i => context.ScheduleTask<string>("echo", "", $"{i}"));
                    return string.Join(',', await Task.WhenAll(parts));
                }
            )
            .Activity("echo", Task.FromResult)
            .StartAsync();

        var state = await engine.CompleteAsync("fan");

        Assert.Equal(string.Join(',', Enumerable.Range(0, 50)), Payload.Text(state.Output));
    }

    [Fact]
    public async Task A_failing_activity_fails_its_orchestration_with_details()
    {
        await using var engine = await new EngineHarness()
            .Orchestration("fails", async (context, _) => await context.ScheduleTask<string>("throw", "", "boom"))
            .Activity("throw", input => throw new InvalidOperationException(input))
            .StartAsync();

        var state = await engine.CompleteAsync("fails");

        Assert.Equal(OrchestrationStatus.Failed, state.OrchestrationStatus);
        var failure = (
            await engine.Client.GetOrchestrationStateAsync(state.OrchestrationInstance.InstanceId)
        )!.FailureDetails;
        Assert.Equal(typeof(TaskFailedException).FullName, failure.ErrorType);
        Assert.EndsWith("boom", failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_policy_repeats_a_failing_activity_until_it_succeeds()
    {
        var attempts = 0;
        await using var engine = await new EngineHarness()
            .Orchestration(
                "retries",
                async (context, _) =>
                    await context.ScheduleWithRetry<string>(
                        "flaky",
                        "",
                        new RetryOptions(TimeSpan.FromMilliseconds(20), maxNumberOfAttempts: 5)
                    )
            )
            .Activity(
                "flaky",
                _ =>
                    Interlocked.Increment(ref attempts) < 3
                        ? throw new InvalidOperationException("not yet")
                        : Task.FromResult<string?>("done")
            )
            .StartAsync();

        var state = await engine.CompleteAsync("retries");

        Assert.Equal("done", Payload.Text(state.Output));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task A_sub_orchestration_answers_its_parent()
    {
        await using var engine = await Appending(new EngineHarness())
            .Orchestration(
                "parent",
                async (context, input) =>
                    await context.CreateSubOrchestrationInstance<string>("three", "", "the-child", input) + "!"
            )
            .StartAsync();

        var state = await engine.CompleteAsync("parent", "p");

        Assert.Equal("pxxx!", Payload.Text(state.Output));
        var child = await engine.Client.GetOrchestrationStateAsync("the-child");
        Assert.Equal(state.OrchestrationInstance.InstanceId, child!.ParentInstance.OrchestrationInstance.InstanceId);
    }

    [Fact]
    public async Task A_failing_sub_orchestration_fails_its_parent_with_the_cause()
    {
        await using var engine = await new EngineHarness()
            .Orchestration("child", (_, _) => throw new InvalidOperationException("child broke"))
            .Orchestration(
                "parent",
                async (context, _) => await context.CreateSubOrchestrationInstance<string>("child", "", "")
            )
            .StartAsync();

        var state = await engine.CompleteAsync("parent");

        Assert.Equal(OrchestrationStatus.Failed, state.OrchestrationStatus);
        Assert.Equal(typeof(SubOrchestrationFailedException).FullName, state.FailureDetails.ErrorType);
        Assert.Equal("child broke", state.FailureDetails.ErrorMessage);
    }

    [Fact]
    public async Task A_sub_orchestration_under_an_id_that_is_running_fails_the_parent_instead_of_leaving_it_waiting()
    {
        await using var engine = await new EngineHarness()
            .Orchestration("waits", async (_, _) => await FunctionOrchestration.Event("go"))
            .Orchestration(
                "parent",
                async (context, _) => await context.CreateSubOrchestrationInstance<string>("waits", "", "taken", null)
            )
            .StartAsync();
        await engine.RunAsync("waits", id: "taken");

        var state = await engine.CompleteAsync("parent");

        Assert.Equal(OrchestrationStatus.Failed, state.OrchestrationStatus);
        Assert.Contains("'taken' already exists", state.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(
            OrchestrationStatus.Running,
            (
                await engine.UntilAsync("taken", s => s.OrchestrationStatus != OrchestrationStatus.Pending)
            ).OrchestrationStatus
        );
    }

    [Fact]
    public async Task An_orchestrator_sends_an_event_to_another_instance()
    {
        await using var engine = await new EngineHarness()
            .Orchestration("waits", async (_, _) => await FunctionOrchestration.Event("go"))
            .Orchestration(
                "sends",
                (context, _) =>
                {
                    context.SendEvent(new OrchestrationInstance { InstanceId = "receiver" }, "go", "from afar");
                    return Task.FromResult<string?>(null);
                }
            )
            .StartAsync();
        var receiver = await engine.RunAsync("waits", id: "receiver");

        await engine.CompleteAsync("sends");

        Assert.Equal("from afar", Payload.Text((await engine.ResultAsync(receiver)).Output));
    }

    [Fact]
    public async Task A_timer_fires_not_before_its_time()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "sleeps",
                async (context, _) =>
                {
                    var due = context.CurrentUtcDateTime.AddMilliseconds(300);
                    await context.CreateTimer(due, "");
                    return context.CurrentUtcDateTime >= due ? "in time" : "early";
                }
            )
            .StartAsync();

        Assert.Equal("in time", Payload.Text((await engine.CompleteAsync("sleeps")).Output));
    }

    [Fact]
    public async Task Events_before_the_instance_waits_for_them_are_kept_in_order()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "collects",
                async (context, _) =>
                {
                    await context.CreateTimer(context.CurrentUtcDateTime.AddMilliseconds(200), "");
                    var text = "";
                    for (var i = 0; i < 5; i++)
                    {
                        text += await FunctionOrchestration.Event("letter");
                    }

                    return text;
                }
            )
            .StartAsync();
        var instance = await engine.RunAsync("collects");

        foreach (var letter in (string[])["a", "b", "c", "d", "e"])
        {
            await engine.Client.RaiseEventAsync(instance, "letter", letter);
        }

        Assert.Equal("abcde", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task Terminating_ends_an_instance_with_the_reason()
    {
        await using var engine = await Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");
        await engine.UntilAsync(instance.InstanceId, s => s.OrchestrationStatus == OrchestrationStatus.Running);

        await engine.Client.TerminateInstanceAsync(instance, "enough");

        var state = await engine.ResultAsync(instance);
        Assert.Equal(OrchestrationStatus.Terminated, state.OrchestrationStatus);
        Assert.Equal("enough", state.Output);
    }

    [Fact]
    public async Task A_suspended_instance_keeps_events_until_it_is_resumed()
    {
        await using var engine = await Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");
        await engine.UntilAsync(instance.InstanceId, s => s.OrchestrationStatus == OrchestrationStatus.Running);

        await engine.Client.SuspendInstanceAsync(instance, "pause");
        await engine.UntilAsync(instance.InstanceId, s => s.OrchestrationStatus == OrchestrationStatus.Suspended);
        await engine.Client.RaiseEventAsync(instance, "go", "later");
        await engine.UntilHistoryAsync(
            instance.InstanceId,
            history => history.Contains("EventRaised", StringComparison.Ordinal)
        );
        Assert.Equal(
            OrchestrationStatus.Suspended,
            (await engine.Client.GetOrchestrationStateAsync(instance.InstanceId))!.OrchestrationStatus
        );
        await engine.Client.ResumeInstanceAsync(instance, "go on");

        Assert.Equal("later", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task A_custom_status_is_visible_while_the_instance_runs()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "reports",
                async (_, _) =>
                {
                    FunctionOrchestration.SetStatus("halfway");
                    return await FunctionOrchestration.Event("go");
                }
            )
            .StartAsync();
        var instance = await engine.RunAsync("reports");

        var state = await engine.UntilAsync(instance.InstanceId, s => s.Status is not null);

        Assert.Equal("halfway", Payload.Text(state.Status));
    }

    [Fact]
    public async Task A_scheduled_start_holds_the_instance_and_what_is_sent_to_it_until_its_time()
    {
        await using var engine = await Waiting().StartAsync();
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(500);
        var instance = await engine.Client.CreateScheduledOrchestrationInstanceAsync("waits", "", null, null, start);
        await engine.Client.RaiseEventAsync(instance, "go", "early bird");

        Assert.Equal(
            OrchestrationStatus.Pending,
            (await engine.Client.GetOrchestrationStateAsync(instance.InstanceId))!.OrchestrationStatus
        );
        var state = await engine.ResultAsync(instance);

        Assert.Equal("early bird", Payload.Text(state.Output));
        Assert.True(state.CompletedTime >= start);
        Assert.Equal(start, state.ScheduledStartTime);
    }

    [Fact]
    public async Task More_events_than_one_turn_takes_all_arrive_in_order()
    {
        const int count = 1200;
        await using var engine = await new EngineHarness()
            .Orchestration(
                "counts",
                async (_, _) =>
                {
                    for (var i = 0; i < count; i++)
                    {
                        if (await FunctionOrchestration.Event("number") != $"{i}")
                        {
                            return $"{i} is missing";
                        }
                    }

                    return "complete";
                }
            )
            .StartAsync();
        // Before the start, so that they wait together.
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2);
        var instance = await engine.Client.CreateScheduledOrchestrationInstanceAsync("counts", "", null, null, start);
        for (var i = 0; i < count; i++)
        {
            await engine.Client.RaiseEventAsync(instance, "number", $"{i}");
        }

        Assert.Equal("complete", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task Terminating_before_a_scheduled_start_ends_the_instance_at_once()
    {
        await using var engine = await Waiting().StartAsync();
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1);
        var instance = await engine.Client.CreateScheduledOrchestrationInstanceAsync("waits", "", null, null, start);

        await engine.Client.TerminateInstanceAsync(instance, "changed my mind");

        var state = await engine.ResultAsync(instance);
        Assert.Equal(OrchestrationStatus.Terminated, state.OrchestrationStatus);
        Assert.Equal("changed my mind", state.Output);
    }

    [Fact]
    public async Task Hundreds_of_instances_at_once_all_finish_with_their_own_result()
    {
        await using var engine = await Appending(new EngineHarness()).StartAsync();

        var states = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => engine.CompleteAsync("three", $"{i}-")));

        Assert.Equal(
            Enumerable.Range(0, 300).Select(i => $"{i}-xxx"),
            states.Select(state => Payload.Text(state.Output))
        );
        Assert.Equal(0, await engine.RowsAsync("inbox"));
        Assert.Equal(0, await engine.RowsAsync("activities"));
    }

    internal static EngineHarness Appending(EngineHarness engine) =>
        engine
            .Orchestration(
                "three",
                async (context, input) =>
                {
                    var text = input ?? "";
                    for (var i = 0; i < 3; i++)
                    {
                        text = await context.ScheduleTask<string>("append", "", text);
                    }

                    return text;
                }
            )
            .Activity("append", input => Task.FromResult<string?>(input + "x"));

    internal static EngineHarness Waiting() =>
        new EngineHarness().Orchestration("waits", async (_, _) => await FunctionOrchestration.Event("go"));
}
