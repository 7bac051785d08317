using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class LifecycleConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    private readonly EngineHosts _hosts = hosts;

    [Fact]
    public async Task An_orchestration_may_continue_as_new_many_times()
    {
        Assert.Equal("generation 20", await OutputAsync<Generations, string>(new Generation(0, 20)));
    }

    [Fact]
    public async Task Continuing_as_new_keeps_the_history_as_short_as_one_generation()
    {
        var host = await _hosts.SharedAsync<TEngine>();
        var engine = host.Services.GetRequiredService<IOrchestrationServiceClient>();
        var two = await RunAsync<Generations>(new Generation(0, 2));
        var twenty = await RunAsync<Generations>(new Generation(0, 20));

        if (EngineDifferences.NoHistories.AppliesTo(Engine))
        {
            await Assert.ThrowsAsync<NotImplementedException>(() => CountAsync(two));
            return;
        }

        Assert.Equal(await CountAsync(two), await CountAsync(twenty));

        async Task<int> CountAsync(OrchestrationMetadata instance)
        {
            using var history = JsonDocument.Parse(
                await engine.GetOrchestrationHistoryAsync(instance.InstanceId, null)
            );
            return history.RootElement.GetArrayLength();
        }
    }

    [Fact]
    public async Task A_replay_safe_logger_writes_once()
    {
        var log = (await _hosts.SharedAsync<TEngine>()).Services.GetRequiredService<Recorder>();

        var ended = await RunAsync<Logs>();

        Assert.Equal(["begin", "middle", "end"], log.Of(ended.InstanceId));
    }

    [Fact]
    public async Task A_custom_status_is_seen_while_the_instance_runs_and_after_it_ended()
    {
        var id = await StartAsync<ReportsStatus>();
        var during = await UntilAsync(id, instance => instance.SerializedCustomStatus is not null);
        await RaiseAsync(id, "go");
        var ended = await EndAsync(id);

        Assert.Equal(new Progress("waiting", 1), during.ReadCustomStatusAs<Progress>());
        Assert.Equal(new Progress("done", 2), ended.ReadCustomStatusAs<Progress>());
    }

    [Fact]
    public async Task The_clock_and_new_ids_are_the_same_in_every_replay()
    {
        Assert.Equal("same", await OutputAsync<ChecksDeterminism, string>());
    }

    [Fact]
    public async Task A_terminated_instance_ends_with_the_given_output()
    {
        var client = await ClientAsync();
        var id = await StartAsync<EventReader>(new EventReading("never", 1));
        await client.WaitForInstanceStartAsync(id, Cancelled);

        await client.TerminateInstanceAsync(id, "enough", Cancelled);
        var ended = await EndAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, ended.RuntimeStatus);
        Assert.Equal("enough", ended.ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_instance_that_waits_for_its_scheduled_start_can_be_terminated()
    {
        var client = await ClientAsync();
        var later = new StartOrchestrationOptions { StartAt = TimeProvider.System.GetUtcNow().AddSeconds(4) };
        var id = await StartAsync<Clock>(null, later);

        await client.TerminateInstanceAsync(id, "not needed", Cancelled);

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await EndAsync(id)).RuntimeStatus);
    }

    [Fact]
    public async Task Children_of_a_terminated_instance_go_on()
    {
        var client = await ClientAsync();
        var id = await StartAsync<ParentOfWaiting>();
        var child = $"{id}:child";
        await UntilAsync(child, instance => instance.ReadCustomStatusAs<string>() == "waiting");

        await client.TerminateInstanceAsync(id, "enough", Cancelled);
        await EndAsync(id);
        await RaiseAsync(child, "go", "alone");

        Assert.Equal(["alone"], Output<string[]>(await EndAsync(child)));
    }

    [Fact]
    public async Task Terminating_an_unknown_or_ended_instance_does_nothing()
    {
        var client = await ClientAsync();
        var ended = await RunAsync<Clock>();

        await client.TerminateInstanceAsync(ended.InstanceId, "too late", Cancelled);
        await client.TerminateInstanceAsync($"unknown-{EngineName}", "too early", Cancelled);

        var after = await client.GetInstanceAsync(ended.InstanceId, Cancelled);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, after?.RuntimeStatus);
        Assert.Null(await client.GetInstanceAsync($"unknown-{EngineName}", Cancelled));
    }

    [Fact]
    public async Task A_suspended_instance_keeps_its_events_until_it_is_resumed()
    {
        var client = await ClientAsync();
        var id = await StartAsync<EventReader>(new EventReading("approval", 1));
        await UntilAsync(id, instance => instance.ReadCustomStatusAs<string>() == "waiting");

        await client.SuspendInstanceAsync(id, "a break", Cancelled);
        await UntilAsync(id, instance => instance.RuntimeStatus == OrchestrationRuntimeStatus.Suspended);
        await RaiseAsync(id, "approval", "meanwhile");
        var suspended = await client.GetInstanceAsync(id, Cancelled);
        await client.ResumeInstanceAsync(id, "back", Cancelled);

        Assert.Equal(OrchestrationRuntimeStatus.Suspended, suspended?.RuntimeStatus);
        Assert.Equal(["meanwhile"], Output<string[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task A_running_id_cannot_be_started_again()
    {
        var id = await StartAsync<EventReader>(new EventReading("go", 1));
        await UntilAsync(id, instance => instance.ReadCustomStatusAs<string>() == "waiting");

        var again = StartAsync<EventReader>(new EventReading("go", 2), new StartOrchestrationOptions(id));
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => again);

        await RaiseAsync(id, "go", "once");
        Assert.Equal(["once"], Output<string[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task A_pending_id_cannot_be_started_again()
    {
        var later = new StartOrchestrationOptions { StartAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        var id = await StartAsync<Clock>(null, later);

        var again = StartAsync<Clock>(null, new StartOrchestrationOptions(id));

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => again);
    }

    [Fact]
    public async Task An_id_whose_instance_has_ended_can_be_started_again()
    {
        var first = await RunAsync<AddsOne>(1);

        var second = await RunAsync<AddsOne>(10, new StartOrchestrationOptions(first.InstanceId));

        Assert.Equal(11, Output<int>(second));
        Assert.Equal(2, Output<int>(first));
    }

    [Fact]
    public async Task An_ended_id_is_kept_when_its_status_is_among_the_deduplicated()
    {
        var first = await RunAsync<AddsOne>(1);
        var options = new StartOrchestrationOptions(first.InstanceId).WithDedupeStatuses(
            OrchestrationRuntimeStatus.Completed
        );

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => StartAsync<AddsOne>(10, options));

        Assert.Equal(2, Output<int>(await EndAsync(first.InstanceId)));
    }

    [Fact]
    public async Task A_running_instance_is_replaced_when_its_status_is_not_among_the_deduplicated()
    {
        var id = await StartAsync<EventReader>(new EventReading("never", 1));
        await UntilAsync(id, instance => instance.ReadCustomStatusAs<string>() == "waiting");
        var options = new StartOrchestrationOptions(id).WithDedupeStatuses(OrchestrationRuntimeStatus.Completed);

        var ended = await RunAsync<AddsOne>(1, options);

        Assert.Equal(2, Output<int>(ended));
    }

    [Fact]
    public async Task A_restart_runs_again_with_the_same_input()
    {
        var client = await ClientAsync();
        var first = await RunAsync<AddsOne>(1);

        var second = await client.RestartAsync(first.InstanceId, restartWithNewInstanceId: true, Cancelled);

        Assert.NotEqual(first.InstanceId, second);
        Assert.Equal(2, Output<int>(await EndAsync(second)));
    }

    [Fact]
    public async Task An_unknown_orchestrator_fails_the_instance_and_names_no_other()
    {
        var client = await ClientAsync();
        var id = await client.ScheduleNewOrchestrationInstanceAsync("NoSuchOrchestrator", 1, Cancelled);

        var ended = await EndAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("NoSuchOrchestrator", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(AddsOne), ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_instance_is_null_and_cannot_be_waited_for()
    {
        var client = await ClientAsync();
        var id = $"unknown-{EngineName}";

        Assert.Null(await client.GetInstanceAsync(id, Cancelled));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.WaitForInstanceStartAsync(id, Cancelled));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.WaitForInstanceCompletionAsync(id, Cancelled));
    }
}

public sealed class LifecycleOnSqlite(EngineHosts hosts) : LifecycleConformance<SqliteEngine>(hosts);

public sealed class LifecycleInMemory(EngineHosts hosts) : LifecycleConformance<InMemoryEngine>(hosts);

public sealed class LifecycleOnAzureStorage(EngineHosts hosts) : LifecycleConformance<AzureStorageEngine>(hosts);
