using DurableTask.Core;
using DurableTask.Core.Query;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class QueryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_cover_every_instance_once_in_order_of_their_starts()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        for (var i = 0; i < 25; i++)
        {
            await engine.RunAsync("any", $"{i}", $"id-{i}");
        }

        var found = await AllAsync(engine, new OrchestrationQuery { PageSize = 10 });

        Assert.Equal(
            Enumerable.Range(0, 25).Select(i => $"id-{i}"),
            found.Select(state => state.OrchestrationInstance.InstanceId)
        );
    }

    [Fact]
    public async Task Conditions_are_combined()
    {
        await using var engine = await OrchestrationTests.Appending(OrchestrationTests.Waiting()).StartAsync();
        await engine.CompleteAsync("three", "a", "done-1");
        await engine.CompleteAsync("three", "b", "done-2");
        await engine.CompleteAsync("three", "c", "other");
        await engine.RunAsync("waits", id: "done-not");

        var found = await AllAsync(
            engine,
            new OrchestrationQuery
            {
                InstanceIdPrefix = "done-",
                RuntimeStatus = [OrchestrationStatus.Completed, OrchestrationStatus.Failed],
                CreatedTimeFrom = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1),
                CreatedTimeTo = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1),
            }
        );

        Assert.Equal(["done-1", "done-2"], found.Select(state => state.OrchestrationInstance.InstanceId));
        Assert.Empty(
            await AllAsync(
                engine,
                new OrchestrationQuery { CreatedTimeTo = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1) }
            )
        );
    }

    [Fact]
    public async Task Inputs_and_outputs_are_left_out_on_request()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        await engine.CompleteAsync("three", "a");

        var with = Assert.Single(await AllAsync(engine, new OrchestrationQuery()));
        var without = Assert.Single(await AllAsync(engine, new OrchestrationQuery { FetchInputsAndOutputs = false }));

        Assert.NotNull(with.Input);
        Assert.NotNull(with.Output);
        Assert.Null(without.Input);
        Assert.Null(without.Output);
        Assert.Equal(with.OrchestrationStatus, without.OrchestrationStatus);
    }

    [Fact]
    public async Task A_foreign_continuation_token_is_refused()
    {
        await using var engine = await new EngineHarness().OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() =>
            engine.Queries.GetOrchestrationWithQueryAsync(
                new OrchestrationQuery { ContinuationToken = "'; DROP TABLE instances; --" },
                Cancel
            )
        );
    }

    [Fact]
    public async Task A_purge_removes_an_ended_instance_with_everything_that_belongs_to_it()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        await engine.CompleteAsync("three", "a", "gone");

        var result = await engine.Service.PurgeInstanceStateAsync("gone");

        Assert.Equal(1, result.DeletedInstanceCount);
        Assert.Null(await engine.Client.GetOrchestrationStateAsync("gone"));
        Assert.Equal(0, await engine.RowsAsync("history"));
        Assert.Equal(0, (await engine.Service.PurgeInstanceStateAsync("gone")).DeletedInstanceCount);
    }

    [Fact]
    public async Task A_purge_leaves_a_running_instance_alone()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");

        Assert.Equal(0, (await engine.Service.PurgeInstanceStateAsync(instance.InstanceId)).DeletedInstanceCount);
        var byFilter = await engine.Service.PurgeInstanceStateAsync(
            new PurgeInstanceFilter(DateTime.MinValue, null, [OrchestrationStatus.Running, OrchestrationStatus.Pending])
        );

        Assert.Equal(0, byFilter.DeletedInstanceCount);
        await engine.Client.RaiseEventAsync(instance, "go", "alive");
        Assert.Equal("alive", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task A_purge_by_filter_removes_matching_ended_instances_over_many_pages()
    {
        await using var engine = await new EngineHarness()
            .Orchestration("quick", (_, input) => Task.FromResult(input))
            .Orchestration("breaks", (_, _) => throw new InvalidOperationException("broken"))
            .StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 450).Select(i => engine.CompleteAsync("quick", $"{i}")));
        await engine.CompleteAsync("breaks", id: "kept");

        var result = await engine.Service.PurgeInstanceStateAsync(
            new PurgeInstanceFilter(DateTime.MinValue, null, [OrchestrationStatus.Completed])
        );

        Assert.Equal(450, result.DeletedInstanceCount);
        Assert.True(result.IsComplete);
        var left = Assert.Single(await AllAsync(engine, new OrchestrationQuery()));
        Assert.Equal("kept", left.OrchestrationInstance.InstanceId);
    }

    [Fact]
    public async Task A_purge_that_has_no_time_left_says_that_it_is_incomplete()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        await engine.CompleteAsync("three", "a");

        var result = await engine.Service.PurgeInstanceStateAsync(
            new PurgeInstanceFilter(DateTime.MinValue, null, null) { Timeout = TimeSpan.Zero }
        );

        Assert.False(result.IsComplete);
        Assert.Equal(0, result.DeletedInstanceCount);
    }

    [Theory]
    [InlineData(OrchestrationStateTimeRangeFilterType.OrchestrationCreatedTimeFilter)]
    [InlineData(OrchestrationStateTimeRangeFilterType.OrchestrationCompletedTimeFilter)]
    [InlineData(OrchestrationStateTimeRangeFilterType.OrchestrationLastUpdatedTimeFilter)]
    public async Task A_purge_by_age_removes_ended_instances_before_the_threshold(
        OrchestrationStateTimeRangeFilterType type
    )
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        await engine.CompleteAsync("three", "a");
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;

        await engine.Service.PurgeOrchestrationHistoryAsync(now.AddHours(-1), type);
        Assert.Equal(1, await engine.RowsAsync("instances"));
        await engine.Service.PurgeOrchestrationHistoryAsync(now.AddHours(1), type);
        Assert.Equal(0, await engine.RowsAsync("instances"));
    }

    private static async Task<List<OrchestrationState>> AllAsync(EngineHarness engine, OrchestrationQuery query)
    {
        var all = new List<OrchestrationState>();
        do
        {
            var page = await engine.Queries.GetOrchestrationWithQueryAsync(query, Cancel);
            all.AddRange(page.OrchestrationState);
            query.ContinuationToken = page.ContinuationToken;
        } while (query.ContinuationToken is not null);

        return all;
    }
}
