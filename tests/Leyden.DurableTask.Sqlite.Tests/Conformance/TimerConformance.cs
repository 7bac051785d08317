using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class TimerConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    [Fact]
    public async Task A_timer_does_not_fire_before_it_is_due()
    {
        var wait = TimeSpan.FromMilliseconds(1700);

        var waited = await OutputAsync<Sleeper, TimeSpan>(wait);

        var early = EngineDifferences.TimersFireEarly.AppliesTo(Engine) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
        Assert.True(waited >= wait - early, $"waited {waited}");
    }

    [Fact]
    public async Task A_timer_that_was_due_in_the_past_fires_at_once()
    {
        var waited = await OutputAsync<Sleeper, TimeSpan>(TimeSpan.FromHours(-1));

        Assert.True(waited >= TimeSpan.Zero, $"waited {waited}");
    }

    [Fact]
    public async Task A_cancelled_timer_does_not_keep_the_orchestration_open()
    {
        var id = await StartAsync<EventOrTimer>(TimeSpan.FromHours(1));
        await RaiseAsync(id, "approval", "by hand");

        Assert.Equal("event: by hand", Output<string>(await EndAsync(id)));
    }

    [Fact]
    public async Task A_timer_wins_the_race_against_an_event_that_never_comes()
    {
        Assert.Equal("timer", await OutputAsync<EventOrTimer, string>(TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task Timers_run_side_by_side_with_activities()
    {
        Assert.Equal(5, await OutputAsync<TimerBesideActivities, int>(1));
    }

    [Fact]
    public async Task A_scheduled_start_is_pending_until_its_time_and_then_runs()
    {
        var startAt = TimeProvider.System.GetUtcNow().AddSeconds(3);
        var options = new StartOrchestrationOptions { StartAt = startAt };
        var client = await ClientAsync();

        var id = await StartAsync<Clock>(null, options);
        var before = await client.GetInstanceAsync(id, Cancelled);
        var startedAt = Output<DateTime>(await EndAsync(id));

        Assert.Equal(OrchestrationRuntimeStatus.Pending, before?.RuntimeStatus);
        var early = EngineDifferences.TimersFireEarly.AppliesTo(Engine) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
        Assert.True(startedAt >= startAt.UtcDateTime - early, $"started at {startedAt:O}, wanted {startAt:O}");
    }
}

public sealed class TimersOnSqlite(EngineHosts hosts) : TimerConformance<SqliteEngine>(hosts);

public sealed class TimersInMemory(EngineHosts hosts) : TimerConformance<InMemoryEngine>(hosts);

public sealed class TimersOnAzureStorage(EngineHosts hosts) : TimerConformance<AzureStorageEngine>(hosts);

internal sealed class Sleeper : TaskOrchestrator<TimeSpan, TimeSpan>
{
    public override async Task<TimeSpan> RunAsync(TaskOrchestrationContext context, TimeSpan input)
    {
        var before = context.CurrentUtcDateTime;
        await context.CreateTimer(before + input, CancellationToken.None);
        return context.CurrentUtcDateTime - before;
    }
}

internal sealed class EventOrTimer : TaskOrchestrator<TimeSpan, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, TimeSpan input)
    {
        using var cancel = new CancellationTokenSource();
        var timer = context.CreateTimer(input, cancel.Token);
        var approval = context.WaitForExternalEvent<string>("approval", CancellationToken.None);
        if (await Task.WhenAny(timer, approval) == timer)
        {
            return "timer";
        }

        // Not CancelAsync, which cancels on another thread: an orchestrator must stay on its own.
        cancel.Cancel();
        return $"event: {await approval}";
    }
}

internal sealed class TimerBesideActivities : TaskOrchestrator<int, int>
{
    public override async Task<int> RunAsync(TaskOrchestrationContext context, int input)
    {
        var timer = context.CreateTimer(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        var sum = 0;
        for (var call = 0; call < 2; call++)
        {
            sum += await context.CallActivityAsync<int>(nameof(Increment), input + call);
        }

        await timer;
        return sum;
    }
}

internal sealed class Clock : TaskOrchestrator<object?, DateTime>
{
    public override Task<DateTime> RunAsync(TaskOrchestrationContext context, object? input) =>
        Task.FromResult(context.CurrentUtcDateTime);
}
