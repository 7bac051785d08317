using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class EventConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    [Fact]
    public async Task An_event_reaches_the_instance_that_waits_for_it()
    {
        var id = await StartAsync<EventReader>(new EventReading("approval", 1));
        await UntilAsync(id, instance => instance.ReadCustomStatusAs<string>() == "waiting");

        await RaiseAsync(id, "approval", "yes");

        Assert.Equal(["yes"], Output<string[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task An_event_that_comes_before_the_wait_is_kept_for_it()
    {
        var id = await StartAsync<WaitsForSecondAfterFirst>();
        await RaiseAsync(id, "second", "came early");
        await UntilAsync(id, instance => instance.RuntimeStatus == OrchestrationRuntimeStatus.Running);

        await RaiseAsync(id, "first", "go");

        Assert.Equal("came early", Output<string>(await EndAsync(id)));
    }

    [Fact]
    public async Task A_wait_for_an_event_times_out()
    {
        Assert.Equal("timed out", await OutputAsync<EventWithTimeout, string>(TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task An_event_in_time_wins_over_the_time_out()
    {
        var id = await StartAsync<EventWithTimeout>(TimeSpan.FromHours(1));

        await RaiseAsync(id, "approval", "in time");

        Assert.Equal("in time", Output<string>(await EndAsync(id)));
    }

    [Fact]
    public async Task Events_that_nobody_read_yet_survive_ContinueAsNew()
    {
        var id = await StartAsync<RestartsOnTick>(0);
        await RaiseAsync(id, "keep", "unread");

        await RaiseAsync(id, "tick");
        await RaiseAsync(id, "tick");

        Assert.Equal("unread in generation 2", Output<string>(await EndAsync(id)));
    }

    [Fact]
    public async Task Events_of_one_name_complete_one_wait_each()
    {
        var id = await StartAsync<EventReader>(new EventReading("number", 5));
        foreach (var number in Enumerable.Range(1, 5))
        {
            await RaiseAsync(id, "number", $"{number}");
        }

        var read = Output<string[]>(await EndAsync(id));

        // Queues of Azure Storage do not promise order; that none is lost or doubled they do.
        Assert.Equal(["1", "2", "3", "4", "5"], read.Order());
    }

    [Fact]
    public async Task Names_of_events_ignore_case()
    {
        var id = await StartAsync<EventReader>(new EventReading("Approval", 1));

        await RaiseAsync(id, "aPPROVAL", "yes");

        Assert.Equal(["yes"], Output<string[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task An_event_may_have_no_payload()
    {
        var id = await StartAsync<EventReader>(new EventReading("approval", 1));

        await RaiseAsync(id, "approval");

        Assert.Equal([null], Output<string?[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task An_instance_sends_an_event_to_another()
    {
        var receiver = await StartAsync<EventReader>(new EventReading("greeting", 1));

        await OutputAsync<Greeter, string>(receiver);

        Assert.Equal(["hello"], Output<string[]>(await EndAsync(receiver)));
    }

    [Fact]
    public async Task An_event_to_an_unknown_instance_is_dropped_and_does_not_wait_for_a_later_start()
    {
        var id = $"later-{EngineName}";
        await RaiseAsync(id, "approval", "too early");
        await StartAsync<EventReader>(new EventReading("approval", 1), new StartOrchestrationOptions(id));
        await UntilAsync(id, instance => instance.ReadCustomStatusAs<string>() == "waiting");

        await RaiseAsync(id, "approval", "in time");

        Assert.Equal(["in time"], Output<string[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task An_event_to_an_instance_that_has_ended_is_dropped()
    {
        var ended = await RunAsync<Clock>();

        await RaiseAsync(ended.InstanceId, "approval", "too late");

        var client = await ClientAsync();
        var after = await client.GetInstanceAsync(ended.InstanceId, Cancelled);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, after?.RuntimeStatus);
    }
}

public sealed class EventsOnSqlite(EngineHosts hosts) : EventConformance<SqliteEngine>(hosts);

public sealed class EventsInMemory(EngineHosts hosts) : EventConformance<InMemoryEngine>(hosts);

public sealed class EventsOnAzureStorage(EngineHosts hosts) : EventConformance<AzureStorageEngine>(hosts);

internal sealed record EventReading(string Name, int Count);

internal sealed class EventReader : TaskOrchestrator<EventReading, string[]>
{
    public override async Task<string[]> RunAsync(TaskOrchestrationContext context, EventReading input)
    {
        context.SetCustomStatus("waiting");
        var read = new string[input.Count];
        for (var index = 0; index < read.Length; index++)
        {
            read[index] = await context.WaitForExternalEvent<string>(input.Name, CancellationToken.None);
        }

        return read;
    }
}

internal sealed class WaitsForSecondAfterFirst : TaskOrchestrator<object?, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, object? input)
    {
        await context.WaitForExternalEvent<string>("first", CancellationToken.None);
        await context.CallActivityAsync<int>(nameof(Increment), 1);
        return await context.WaitForExternalEvent<string>("second", CancellationToken.None);
    }
}

internal sealed class EventWithTimeout : TaskOrchestrator<TimeSpan, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, TimeSpan input)
    {
        try
        {
            return await context.WaitForExternalEvent<string>("approval", input);
        }
        catch (TaskCanceledException)
        {
            return "timed out";
        }
    }
}

internal sealed class RestartsOnTick : TaskOrchestrator<int, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, int input)
    {
        if (input < 2)
        {
            await context.WaitForExternalEvent<string>("tick", CancellationToken.None);
            context.ContinueAsNew(input + 1);
            return "";
        }

        var kept = await context.WaitForExternalEvent<string>("keep", CancellationToken.None);
        return $"{kept} in generation {input}";
    }
}

internal sealed class Greeter : TaskOrchestrator<string, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, string input)
    {
        context.SendEvent(input, "greeting", "hello");
        await context.CallActivityAsync<int>(nameof(Increment), 1);
        return "sent";
    }
}
