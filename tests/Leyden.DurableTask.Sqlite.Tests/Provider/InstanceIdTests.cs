using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class InstanceIdTests
{
    [Fact]
    public async Task A_running_instance_refuses_a_second_start_under_its_id()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var first = await engine.RunAsync("waits", id: "one");

        var refusal = await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() =>
            engine.RunAsync("waits", id: "one")
        );

        Assert.Contains("'one'", refusal.Message, StringComparison.Ordinal);
        await engine.Client.RaiseEventAsync(first, "go", "still the first");
        Assert.Equal("still the first", Payload.Text((await engine.ResultAsync(first)).Output));
    }

    [Fact]
    public async Task Of_many_concurrent_starts_under_one_id_exactly_one_wins()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();

        var won = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async _ =>
                {
                    try
                    {
                        await engine.RunAsync("waits", id: "contested");
                        return 1;
                    }
                    catch (OrchestrationAlreadyExistsException)
                    {
                        return 0;
                    }
                })
        );

        Assert.Equal(1, won.Sum());
    }

    [Fact]
    public async Task An_ended_instance_is_replaced_by_a_new_start()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        var first = await engine.RunAsync("three", "a", "again");
        await engine.ResultAsync(first);

        var second = await engine.RunAsync("three", "b", "again");

        Assert.Equal("bxxx", Payload.Text((await engine.ResultAsync(second)).Output));
        Assert.Equal(1, await engine.RowsAsync("instances"));
        Assert.Null(await engine.Service.GetOrchestrationStateAsync("again", first.ExecutionId));
    }

    [Fact]
    public async Task An_ended_instance_in_a_de_duplicated_status_refuses_a_new_start()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        await engine.CompleteAsync("three", "a", "kept");

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() =>
            engine.Client.CreateOrchestrationInstanceAsync(
                "three",
                "",
                "kept",
                "b",
                null,
                [OrchestrationStatus.Completed]
            )
        );

        Assert.Equal("axxx", Payload.Text((await engine.Client.GetOrchestrationStateAsync("kept"))!.Output));
    }

    [Fact]
    public async Task Queued_activities_of_a_terminated_and_replaced_instance_neither_run_on_nor_answer_the_new_one()
    {
        var ran = 0;
        using var gate = new SemaphoreSlim(0);
        await using var engine = await new EngineHarness()
            .Orchestration(
                "many",
                async (context, input) =>
                    input == "old"
                        ? string.Join(
                            ',',
                            await Task.WhenAll(
                                Enumerable.Range(0, 500).Select(_ => context.ScheduleTask<string>("gated", "", "old"))
                            )
                        )
                        : await context.ScheduleTask<string>("plain", "", "new")
            )
            .Activity(
                "gated",
                async input =>
                {
                    Interlocked.Increment(ref ran);
                    await gate.WaitAsync(TestContext.Current.CancellationToken);
                    return input;
                }
            )
            .Activity("plain", Task.FromResult)
            .StartAsync();
        var old = await engine.RunAsync("many", "old", "same");
        await engine.UntilHistoryAsync("same", h => h.Contains("TaskScheduled", StringComparison.Ordinal));
        await engine.Client.TerminateInstanceAsync(old, "stop");
        await engine.ResultAsync(old);

        Assert.Equal(0, await engine.RowsAsync("activities"));
        var replacement = await engine.RunAsync("many", "new", "same");
        gate.Release(500);

        Assert.Equal("new", Payload.Text((await engine.ResultAsync(replacement)).Output));
        Assert.InRange(ran, 0, 2 * SqliteOrchestrationOptions.DefaultMaxConcurrentActivities);
        Assert.Equal(0, await engine.RowsAsync("inbox"));
    }

    [Fact]
    public async Task An_instance_without_an_execution_id_runs_through()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        var instance = new OrchestrationInstance { InstanceId = "plain" };

        await engine.Service.CreateTaskOrchestrationAsync(
            new TaskMessage
            {
                OrchestrationInstance = instance,
                Event = new ExecutionStartedEvent(-1, "\"a\"")
                {
                    Name = "three",
                    Version = "",
                    OrchestrationInstance = instance,
                },
            }
        );

        Assert.Equal("axxx", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task What_does_not_start_an_instance_is_refused()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        var instance = new OrchestrationInstance { InstanceId = "x" };
        HistoryEvent[] events =
        [
            new EventRaisedEvent(-1, "\"a\"") { Name = "e" },
            new ExecutionStartedEvent(-1, null) { OrchestrationInstance = instance },
        ];

        foreach (var historyEvent in events)
        {
            await Assert.ThrowsAsync<ArgumentException>(() =>
                engine.Service.CreateTaskOrchestrationAsync(
                    new TaskMessage { OrchestrationInstance = instance, Event = historyEvent }
                )
            );
        }
    }

    [Fact]
    public async Task Messages_to_unknown_and_ended_instances_are_dropped()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        var ended = await engine.RunAsync("three", "a");
        await engine.ResultAsync(ended);

        await engine.Client.RaiseEventAsync(ended, "late", "x");
        await engine.Client.RaiseEventAsync(new OrchestrationInstance { InstanceId = "nobody" }, "late", "x");

        Assert.Equal(0, await engine.RowsAsync("inbox"));
        Assert.Null(await engine.Client.GetOrchestrationStateAsync("nobody"));
    }
}
