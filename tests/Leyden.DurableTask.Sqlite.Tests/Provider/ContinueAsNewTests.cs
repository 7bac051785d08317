using System.Text.Json;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class ContinueAsNewTests
{
    [Fact]
    public async Task History_stays_bounded_over_many_generations()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "counts",
                async (context, input) =>
                {
                    var count = int.Parse(await context.ScheduleTask<string>("increment", "", input), null);
                    if (count < 50)
                    {
                        context.ContinueAsNew($"{count}");
                    }

                    return $"{count}";
                }
            )
            .Activity("increment", input => Task.FromResult<string?>($"{int.Parse(input!, null) + 1}"))
            .StartAsync();

        var instance = await engine.RunAsync("counts", "0");
        var state = await engine.ResultAsync(instance);

        Assert.Equal("50", Payload.Text(state.Output));
        Assert.Equal("49", Payload.Text(state.Input));
        Assert.NotEqual(instance.ExecutionId, state.OrchestrationInstance.ExecutionId);
        var history = await engine.Service.GetOrchestrationHistoryAsync(instance.InstanceId, null);
        Assert.InRange(JsonDocument.Parse(history).RootElement.GetArrayLength(), 1, 12);
    }

    [Fact]
    public async Task Events_that_were_not_consumed_reach_the_next_generation()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "sums",
                async (context, input) =>
                {
                    var text = input + await FunctionOrchestration.Event("letter");
                    if (text.Length < 6)
                    {
                        context.ContinueAsNew(text);
                    }

                    return text;
                }
            )
            .StartAsync();
        var instance = await engine.RunAsync("sums", "");

        foreach (var letter in (string[])["a", "b", "c", "d", "e", "f"])
        {
            await engine.RaiseAsync(instance.InstanceId, "letter", letter);
        }

        Assert.Equal("abcdef", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task A_timer_of_an_earlier_generation_is_removed_and_does_not_fire_into_the_next()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "races",
                async (context, input) =>
                {
                    using var cancel = new CancellationTokenSource();
                    // Both generations give their timer the same id: only the execution tells them apart.
                    var delay = input == "first" ? TimeSpan.FromSeconds(1) : TimeSpan.FromHours(1);
                    var timer = context.CreateTimer(context.CurrentUtcDateTime + delay, "timer", cancel.Token);
                    var winner = await Task.WhenAny(timer, FunctionOrchestration.Event("go"));
                    if (winner == timer)
                    {
                        return "stale timer fired";
                    }

                    // Not CancelAsync, which would leave the orchestrator's thread.
                    cancel.Cancel();
                    if (input == "first")
                    {
                        context.ContinueAsNew("second");
                    }

                    return await (Task<string>)winner;
                }
            )
            .StartAsync();
        var instance = await engine.RunAsync("races", "first");
        await engine.UntilHistoryAsync(instance.InstanceId, h => h.Contains("TimerCreated", StringComparison.Ordinal));

        await engine.RaiseAsync(instance.InstanceId, "go", "1");
        await engine.UntilAsync(instance.InstanceId, s => Payload.Text(s.Input) == "second");
        await engine.UntilHistoryAsync(instance.InstanceId, h => h.Contains("TimerCreated", StringComparison.Ordinal));

        Assert.Equal(1, await engine.RowsAsync("inbox"));
        var soon = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcTicks;
        Assert.Equal(0, await engine.ScalarAsync($"SELECT COUNT(*) FROM inbox WHERE visible_from < {soon}"));
        await engine.RaiseAsync(instance.InstanceId, "go", "2");
        Assert.Equal("2", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task Who_waits_with_the_execution_id_of_the_start_gets_the_result_of_the_last_generation()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "twice",
                async (context, input) =>
                {
                    var value = await FunctionOrchestration.Event("go");
                    if (input == "first")
                    {
                        context.ContinueAsNew("second");
                    }

                    return value;
                }
            )
            .StartAsync();
        var instance = await engine.RunAsync("twice", "first");
        var waiting = engine.ResultAsync(instance);
        await engine.RaiseAsync(instance.InstanceId, "go", "1");
        await engine.UntilAsync(instance.InstanceId, s => Payload.Text(s.Input) == "second");
        var late = engine.ResultAsync(instance);
        await engine.RaiseAsync(instance.InstanceId, "go", "2");

        Assert.Equal("2", Payload.Text((await waiting).Output));
        Assert.Equal("2", Payload.Text((await late).Output));
    }
}
