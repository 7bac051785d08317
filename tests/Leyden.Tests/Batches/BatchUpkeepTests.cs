using Leyden.Backends;
using Leyden.Batches;
using Leyden.Orchestration;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Orchestration;
using Microsoft.DurableTask;

namespace Leyden.Tests.Batches;

public sealed class BatchUpkeepTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_that_was_accepted_and_never_started_is_started()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var batch = await StoredAsync(world, Now.AddMinutes(-1), 3);

        Assert.Equal(1, await world.Get<BatchSweeper>().HealAsync(world.Client, Stop));

        Assert.Equal(3, (await driver.EndAsync(batch.Id)).Counts.Succeeded);
    }

    [Fact]
    public async Task A_batch_whose_orchestration_was_terminated_is_begun_again_and_submits_nothing_twice()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await StoredAsync(world, Now.AddMinutes(-1), 45);
        await world.Get<BatchSweeper>().HealAsync(world.Client, Stop);
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 45), "it is under way");
        await world.Client.TerminateInstanceAsync(batch.Id.Value, Stop);
        await world.Client.WaitForInstanceCompletionAsync(batch.Id.Value, Stop);

        Assert.Equal(1, await world.Get<BatchSweeper>().HealAsync(world.Client, Stop));
        backend.Otherwise = ScriptedBackend.Done();

        Assert.Equal(new BatchCounts(45, 45, 0, 0), (await driver.EndAsync(batch.Id)).Counts);
        Assert.Equal(BatchDriver.Prompts(45), driver.Submitted());
    }

    [Fact]
    public async Task Predictions_that_somebody_else_has_started_are_awaited_like_others()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await StoredAsync(world, Now.AddMinutes(-1), 2);
        var accepted = await new AcceptBatchChunk(
            driver.Store,
            world.Store,
            world.Get<IObjectStore>(),
            TimeProvider.System
        ).RunAsync(null!, new ChunkWork(batch.Owner, batch.Id, 0));
        foreach (var work in accepted.Predictions)
        {
            await world.Client.ScheduleNewOrchestrationInstanceAsync(
                nameof(PredictionOrchestrator),
                work,
                new StartOrchestrationOptions(work.Step.Id.Value),
                Stop
            );
        }

        await world.Get<BatchSweeper>().HealAsync(world.Client, Stop);
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 4), "they are looked at");
        backend.Otherwise = ScriptedBackend.Done();

        Assert.Equal(new BatchCounts(2, 2, 0, 0), (await driver.EndAsync(batch.Id)).Counts);
        Assert.Equal(BatchDriver.Prompts(2), driver.Submitted());
    }

    [Fact]
    public async Task Only_batches_that_have_ended_can_be_deleted_and_their_predictions_stay()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(2), key: "k");

        Assert.False(await driver.Service.DeleteAsync(Owner.Local, batch.Id, Stop));
        Assert.Null(await driver.Service.DeleteAsync(new Owner("bob"), batch.Id, Stop));
        backend.Otherwise = ScriptedBackend.Done();
        await driver.EndAsync(batch.Id);
        Assert.True(await driver.Service.DeleteAsync(Owner.Local, batch.Id, Stop));

        Assert.Null(await driver.Service.FindAsync(Owner.Local, batch.Id, Stop));
        Assert.Equal(["backends", "outputs", "predictions"], await FoldersAsync(world));
    }

    [Fact]
    public async Task What_has_ended_and_is_older_than_the_retention_is_deleted_and_so_are_items_without_a_batch()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var old = await StoredAsync(world, Now.AddDays(-31), 1, BatchStatus.Completed);
        var oldButOpen = await StoredAsync(world, Now.AddDays(-31), 1);
        var young = await StoredAsync(world, Now.AddDays(-29), 1, BatchStatus.Completed);
        var stray = BatchId.New(Now.AddDays(-31), Randomness.Create());
        var strayItems = BatchKeys.Items(Owner.Local, stray, 0);
        await world.Get<IObjectStore>().PutJsonLinesAsync<string>(strayItems, ["an item"], Stop);

        Assert.Equal(1, await world.Get<BatchSweeper>().DeleteOldAsync(Stop));

        Assert.Null(await driver.Service.FindAsync(Owner.Local, old.Id, Stop));
        Assert.NotNull(await driver.Service.FindAsync(Owner.Local, oldButOpen.Id, Stop));
        Assert.NotNull(await driver.Service.FindAsync(Owner.Local, young.Id, Stop));
        Assert.Null(await world.Get<IObjectStore>().GetAsync(strayItems, Stop));
        await using var kept = await world
            .Get<IObjectStore>()
            .GetAsync(BatchKeys.Items(Owner.Local, oldButOpen.Id, 0), Stop);
        Assert.NotNull(kept);
    }

    private static async Task<List<string>> FoldersAsync(PredictionWorld world) =>
        await world.Get<IObjectStore>().AllFoldersAsync("", Stop).ToListAsync(Stop);

    /// <summary>A batch on record as a submission leaves it before it starts the orchestration.</summary>
    private static async Task<Batch> StoredAsync(
        PredictionWorld world,
        DateTimeOffset at,
        int count,
        BatchStatus status = BatchStatus.Processing
    )
    {
        var id = BatchId.New(at, Randomness.Create());
        var drafts = Enumerable
            .Range(0, count)
            .Select(i =>
                world.Get<PredictionAdmission>().TryAdmit(PredictionWorld.Request($"number {i}"), out var draft, out _)
                    ? draft
                    : throw new InvalidOperationException()
            );
        foreach (var (chunk, items) in drafts.Chunk(Batch.ChunkSize).Index())
        {
            var key = BatchKeys.Items(Owner.Local, id, chunk);
            await world.Get<IObjectStore>().PutJsonLinesAsync(key, items, Stop);
        }

        var batch = new Batch
        {
            Id = id,
            Owner = Owner.Local,
            Status = status,
            CreatedAt = at,
            Total = count,
            Lanes = 3,
            Parts = id,
            RequestDigest = "digest",
        };
        await world.Get<BatchStore>().AddAsync(batch, Stop);
        return batch;
    }
}
