using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class QueryConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    [Fact]
    public async Task A_query_by_prefix_goes_through_all_pages()
    {
        var prefix = $"pages-{EngineName}-";
        string[] ids = [.. Enumerable.Range(1, 7).Select(number => $"{prefix}{number}")];
        foreach (var id in ids)
        {
            await StartAsync<AddsOne>(1, new StartOrchestrationOptions(id));
        }

        await Task.WhenAll(ids.Select(EndAsync));

        var found = await FindAsync(new OrchestrationQuery(InstanceIdPrefix: prefix, PageSize: 3));

        Assert.Equal(ids, found.Select(instance => instance.InstanceId).Order());
        Assert.All(found, instance => Assert.Equal(OrchestrationRuntimeStatus.Completed, instance.RuntimeStatus));
    }

    [Fact]
    public async Task A_query_by_status_finds_only_that_status()
    {
        var prefix = $"statuses-{EngineName}-";
        var waiting = await StartAsync<EventReader>(
            new EventReading("never", 1),
            new StartOrchestrationOptions($"{prefix}waiting")
        );
        await RunAsync<AddsOne>(1, new StartOrchestrationOptions($"{prefix}completed"));
        await RunAsync<Throws>(null, new StartOrchestrationOptions($"{prefix}failed"));
        await UntilAsync(waiting, instance => instance.RuntimeStatus == OrchestrationRuntimeStatus.Running);

        var failed = await FindAsync(
            new OrchestrationQuery(Statuses: [OrchestrationRuntimeStatus.Failed], InstanceIdPrefix: prefix)
        );
        var open = await FindAsync(
            new OrchestrationQuery(
                Statuses: [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending],
                InstanceIdPrefix: prefix
            )
        );

        Assert.Equal([$"{prefix}failed"], failed.Select(instance => instance.InstanceId));
        Assert.Equal([waiting], open.Select(instance => instance.InstanceId));
    }

    [Fact]
    public async Task A_query_by_time_finds_what_was_created_meanwhile()
    {
        await using var host = await OwnHostAsync();
        var before = await RunOnAsync(host);
        var from = (await host.Client.GetInstanceAsync(before, Cancelled))!.CreatedAt.AddMilliseconds(1);
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancelled);
        var after = await RunOnAsync(host);

        var found = await FindAsync(new OrchestrationQuery(CreatedFrom: from), host.Client);

        Assert.Equal([after], found.Select(instance => instance.InstanceId));
    }

    [Fact]
    public async Task Inputs_and_outputs_come_only_when_asked_for()
    {
        var prefix = $"payloads-{EngineName}-";
        await RunAsync<AddsOne>(1, new StartOrchestrationOptions($"{prefix}1"));

        var with = await FindAsync(new OrchestrationQuery(InstanceIdPrefix: prefix, FetchInputsAndOutputs: true));
        var without = await FindAsync(new OrchestrationQuery(InstanceIdPrefix: prefix));

        Assert.Equal((1, 2), (with[0].ReadInputAs<int>(), with[0].ReadOutputAs<int>()));
        Assert.Null(without[0].SerializedInput);
        Assert.Null(without[0].SerializedOutput);
    }

    [Fact]
    public async Task A_purged_instance_is_gone_and_its_id_is_free()
    {
        var client = await ClientAsync();
        var ended = await RunAsync<AddsOne>(1);

        var purged = await client.PurgeInstanceAsync(ended.InstanceId, Cancelled);
        var again = await client.PurgeInstanceAsync(ended.InstanceId, Cancelled);

        Assert.Equal((1, 0), (purged.PurgedInstanceCount, again.PurgedInstanceCount));
        Assert.Null(await client.GetInstanceAsync(ended.InstanceId, Cancelled));
        Assert.Equal(6, Output<int>(await RunAsync<AddsOne>(5, new StartOrchestrationOptions(ended.InstanceId))));
    }

    [Fact]
    public async Task An_instance_that_runs_is_not_purged()
    {
        var client = await ClientAsync();
        var id = await StartAsync<EventReader>(new EventReading("go", 1));
        await UntilAsync(id, instance => instance.ReadCustomStatusAs<string>() == "waiting");

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.PurgeInstanceAsync(id, Cancelled));

        await RaiseAsync(id, "go", "still here");
        Assert.Equal(["still here"], Output<string[]>(await EndAsync(id)));
    }

    [Fact]
    public async Task A_purge_by_filter_takes_the_ended_ones_and_leaves_the_others()
    {
        await using var host = await OwnHostAsync();
        await RunOnAsync(host);
        await RunOnAsync(host);
        var waiting = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            nameof(EventReader),
            new EventReading("never", 1),
            Cancelled
        );
        await host.Client.WaitForInstanceStartAsync(waiting, Cancelled);

        var purged = await host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(), Cancelled);

        var left = await FindAsync(new OrchestrationQuery(), host.Client);
        Assert.Equal(2, purged.PurgedInstanceCount);
        Assert.Equal([waiting], left.Select(instance => instance.InstanceId));
    }

    private static async Task<string> RunOnAsync(EngineHost host)
    {
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(AddsOne), 1, Cancelled);
        await host.Client.WaitForInstanceCompletionAsync(id, Cancelled);
        return id;
    }

    private async Task<List<OrchestrationMetadata>> FindAsync(
        OrchestrationQuery query,
        DurableTaskClient? client = null
    )
    {
        client ??= await ClientAsync();
        var found = new List<OrchestrationMetadata>();
        await foreach (var instance in client.GetAllInstancesAsync(query).WithCancellation(Cancelled))
        {
            found.Add(instance);
        }

        return found;
    }
}

public sealed class QueriesOnSqlite(EngineHosts hosts) : QueryConformance<SqliteEngine>(hosts);

public sealed class QueriesInMemory(EngineHosts hosts) : QueryConformance<InMemoryEngine>(hosts);

public sealed class QueriesOnAzureStorage(EngineHosts hosts) : QueryConformance<AzureStorageEngine>(hosts);
