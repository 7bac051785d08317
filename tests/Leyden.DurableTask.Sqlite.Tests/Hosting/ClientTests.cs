using DurableTask.Core.History;
using Leyden.DurableTask.Sqlite.Hosting;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing.Sidecar;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.DurableTask.Sqlite.Tests.Hosting;

public sealed class ClientTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private SqliteHost _host = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private DurableTaskClient Client => _host.Client;

    public async ValueTask InitializeAsync() =>
        _host = await SqliteHost.StartAsync(
            _folder.Path,
            registry => registry.AddOrchestrator<WaitsForColor>().AddActivity<AddCoat>()
        );

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_history_has_the_events_in_order()
    {
        var id = await EndedAsync();

        var history = await Client.GetOrchestrationHistoryAsync(id, Cancelled);

        EventType[] wanted =
        [
            EventType.ExecutionStarted,
            EventType.EventRaised,
            EventType.TaskScheduled,
            EventType.TaskCompleted,
            EventType.ExecutionCompleted,
        ];
        Assert.Equal(wanted, history.Select(e => e.EventType).Where(type => wanted.Contains(type)));
    }

    [Fact]
    public async Task The_history_of_an_unknown_instance_is_an_error()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Client.GetOrchestrationHistoryAsync("unknown", Cancelled));
    }

    [Fact]
    public async Task The_history_of_another_engine_is_not_supported()
    {
        await using var client = new OrchestrationServiceDurableTaskClient(
            "other",
            new InMemoryOrchestrationService(),
            _host.Services.GetRequiredService<IOptionsMonitor<DurableTaskClientOptions>>()
        );

        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetOrchestrationHistoryAsync("any", Cancelled));
    }

    [Fact]
    public async Task Payloads_are_left_out_unless_asked_for()
    {
        var id = await EndedAsync();

        var without = await Client.GetInstanceAsync(id, getInputsAndOutputs: false, Cancelled);

        Assert.NotNull(without);
        Assert.Null(without.SerializedOutput);
        Assert.Throws<InvalidOperationException>(() => without.ReadOutputAs<Paint>());
    }

    [Fact]
    public async Task Recursion_is_refused()
    {
        var id = await EndedAsync();

        await Assert.ThrowsAsync<NotSupportedException>(() =>
            Client.TerminateInstanceAsync(id, new TerminateInstanceOptions(Recursive: true), Cancelled)
        );
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            Client.PurgeInstanceAsync(id, new PurgeInstanceOptions(Recursive: true), Cancelled)
        );
        Assert.NotNull(await Client.GetInstanceAsync(id, Cancelled));
    }

    [Fact]
    public async Task A_restart_under_the_same_id_replaces_an_ended_instance()
    {
        var id = await EndedAsync();

        var restarted = await Client.RestartAsync(id, restartWithNewInstanceId: false, Cancelled);
        var running = await Client.WaitForInstanceStartAsync(id, getInputsAndOutputs: true, Cancelled);

        Assert.Equal(id, restarted);
        Assert.Equal(OrchestrationRuntimeStatus.Running, running.RuntimeStatus);
        Assert.Equal(new Paint(Color.Green, 0), running.ReadInputAs<Paint>());
    }

    [Fact]
    public async Task A_running_instance_is_not_restarted_under_its_id()
    {
        var id = await Client.ScheduleNewOrchestrationInstanceAsync(nameof(WaitsForColor), Cancelled);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Client.RestartAsync(id, false, Cancelled));
    }

    [Fact]
    public async Task An_unknown_instance_is_not_restarted()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Client.RestartAsync("unknown", true, Cancelled));
    }

    [Fact]
    public async Task Deduplication_that_contradicts_itself_is_refused()
    {
        var options = new StartOrchestrationOptions("any").WithDedupeStatuses(OrchestrationRuntimeStatus.Terminated);

        await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(options));
        Assert.Null(await Client.GetInstanceAsync("any", Cancelled));
    }

    [Fact]
    public async Task An_unknown_word_among_deduplication_statuses_is_refused()
    {
        var options = new StartOrchestrationOptions("any") { DedupeStatuses = ["Asleep"] };

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(options));

        Assert.Contains("Asleep", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_of_instances_that_name_none_are_unlike_each_other()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StartAsync(null)));

        Assert.Distinct(ids);
        Assert.All(ids, id => Assert.Equal(32, id.Length));
    }

    [Fact]
    public async Task A_wait_ends_when_its_token_is_cancelled()
    {
        var id = await StartAsync(null);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);

        var waiting = Client.WaitForInstanceCompletionAsync(id, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task<string> StartAsync(StartOrchestrationOptions? options) =>
        Client.ScheduleNewOrchestrationInstanceAsync(
            nameof(WaitsForColor),
            new Paint(Color.Green, 0),
            options,
            Cancelled
        );

    private async Task<string> EndedAsync()
    {
        var id = await StartAsync(null);
        await Client.RaiseEventAsync(id, "color", new Paint(Color.Red, 1), Cancelled);
        await Client.WaitForInstanceCompletionAsync(id, Cancelled);
        return id;
    }
}
