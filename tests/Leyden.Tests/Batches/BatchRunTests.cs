using Leyden.Backends;
using Leyden.Batches;
using Leyden.Predictions;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Batches;

public sealed class BatchRunTests
{
    private static readonly PredictionFailure Refusal = new(FailureCodes.BackendRejected, false, "Not this one.");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_item_runs_once_and_the_results_are_collected_in_order_also_of_those_that_fail()
    {
        var backend = new ScriptedBackend
        {
            Judge = r => Number(r) % 10 == 3 ? new SubmitOutcome.Rejected(Refusal) : null,
        };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);

        var ended = await driver.EndAsync((await driver.AcceptedAsync(BatchDriver.Lines(250))).Id);

        Assert.Equal((BatchStatus.Completed, new BatchCounts(250, 225, 25, 0)), (ended.Status, ended.Counts));
        Assert.Equal(BatchDriver.Prompts(250), driver.Submitted());
        var results = await driver.ResultsAsync(ended);
        Assert.Equal(Enumerable.Range(0, 250), results.Select(r => r.Index));
        Assert.All(results, r => Assert.Equal(r.Index % 10 == 3, r.Failure == Refusal));
        foreach (var result in results.Where(r => r.Index % 50 == 0))
        {
            var prediction = await world.Store.FindAsync(Owner.Local, result.Id!.Value, Stop);
            Assert.Equal($"number {result.Index}", prediction!.Input["prompt"]!.GetValue<string>());
            Assert.Equal(prediction.Outputs, result.Outputs);
        }
    }

    [Fact]
    public async Task No_more_is_under_way_at_once_than_the_setting_allows()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(100));

        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(backend.Observations > 180),
            "each of the first 60 was looked at a few times"
        );

        Assert.Equal(60, backend.Requests.Count);
        backend.Otherwise = ScriptedBackend.Done();
        Assert.Equal(100, (await driver.EndAsync(batch.Id)).Counts.Succeeded);
    }

    [Fact]
    public async Task Restarts_in_the_middle_submit_nothing_twice_and_count_exactly()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(150));
        foreach (var submitted in new[] { 10, 65, 110 })
        {
            await PredictionWorld.EventuallyAsync(
                () => Task.FromResult(world.Backend.Requests.Count >= submitted),
                $"{submitted} are submitted"
            );
            await world.StopAsync();
            await world.StartAsync();
        }

        var ended = await driver.EndAsync(batch.Id);

        Assert.Equal((BatchStatus.Completed, new BatchCounts(150, 150, 0, 0)), (ended.Status, ended.Counts));
        Assert.Equal(BatchDriver.Prompts(150), driver.Submitted());
    }

    [Fact]
    public async Task A_store_that_fails_now_and_then_submits_nothing_twice()
    {
        FaultyObjectStore? faulty = null;
        await using var world = await PredictionWorld.StartAsync(decorate: store =>
            faulty = new FaultyObjectStore(store)
        );
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(60));
        faulty!.FailsEvery = 53; // a chunk is accepted in some forty calls: more often would fail each attempt
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(faulty.Failures > 8), "calls fail");
        faulty.FailsEvery = 0; // for the reads of the test itself

        var ended = await driver.EndAsync(batch.Id);

        Assert.Equal(60, ended.Counts.Finished);
        Assert.Equal(driver.Submitted().Distinct(), driver.Submitted());
    }

    [Fact]
    public async Task A_cancel_stops_what_is_under_way_and_starts_nothing_further()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(200));
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 60), "it is under way");

        var asked = await driver.Service.CancelAsync(Owner.Local, batch.Id, world.Client, Stop);
        var ended = await driver.EndAsync(batch.Id);

        Assert.NotNull(asked?.CancelRequestedAt);
        Assert.Equal((BatchStatus.Canceled, new BatchCounts(200, 0, 0, 200)), (ended.Status, ended.Counts));
        Assert.Equal((60, 60), (backend.Requests.Count, backend.Canceled.Count));
        var results = await driver.ResultsAsync(ended);
        Assert.Equal(200, results.Count);
        Assert.All(results, r => Assert.Equal(PredictionStatus.Canceled, r.Status));
        Assert.Equal(60, results.Count(r => r.Id is not null));
    }

    [Fact]
    public async Task A_prediction_of_a_batch_can_be_canceled_and_deleted_alone()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(2));
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 3), "it is under way");
        var page = await world.Store.ListAsync(Owner.Local, null, 10, Stop);
        var first = page.Predictions.Single(p => p.Input["prompt"]!.GetValue<string>() == "number 0");

        await world.Service.CancelAsync(Owner.Local, first.Id, world.Client, Stop);
        await world.EndAsync(first.Id);
        Assert.True(await world.Service.DeleteAsync(Owner.Local, first.Id, Stop));
        backend.Otherwise = ScriptedBackend.Done();
        var ended = await driver.EndAsync(batch.Id);

        Assert.Equal(new BatchCounts(2, 1, 1, 0), ended.Counts);
        Assert.Equal(FailureCodes.Deleted, (await driver.ResultsAsync(ended))[0].Failure?.Code);
        Assert.Equal(2, backend.Requests.Count);
    }

    private static int Number(BackendRequest request) =>
        int.Parse(
            request.Input["prompt"]!.GetValue<string>().Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture
        );
}
