using System.Runtime.CompilerServices;
using DurableTask.Core;
using DurableTask.Core.History;
using Leyden.Backends;
using Leyden.Batches;
using Leyden.Tests.Orchestration;
using Leyden.TestSupport;
using Microsoft.DurableTask;

namespace Leyden.Tests.Batches;

/// <summary>
/// Histories of batches and their lanes as they were when recorded: batches like them are under way while a new version is deployed. With
/// <c>LEYDEN_RECORD_HISTORIES=1</c> in the environment <see cref="What_runs_today_replays_today"/> replaces the files; then the
/// orchestrators need new versions as well.
/// </summary>
public sealed class BatchHistoryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("batch-completed.json")]
    [InlineData("batch-canceled.json")]
    public async Task A_recorded_batch_replays(string file) =>
        HistoryReplayer.Replay<BatchOrchestrator>(
            await RecordedHistory.LoadAsync(Golden(file), Stop),
            LeydenJson.Options
        );

    [Theory]
    [InlineData("lane-completed.json")]
    [InlineData("lane-canceled.json")]
    public async Task A_recorded_lane_replays(string file) =>
        HistoryReplayer.Replay<BatchLaneOrchestrator>(
            await RecordedHistory.LoadAsync(Golden(file), Stop),
            LeydenJson.Options
        );

    [Fact]
    public async Task A_history_of_other_calls_does_not()
    {
        var history = await RecordedHistory.LoadAsync(Golden("lane-completed.json"), Stop);
        var other = history with
        {
            Json = history.Json.Replace(nameof(CollectBatchChunk), "GatherBatchChunk", StringComparison.Ordinal),
        };

        Assert.Throws<HistoryMismatchException>(() =>
            HistoryReplayer.Replay<BatchLaneOrchestrator>(other, LeydenJson.Options)
        );
    }

    [Fact]
    public async Task What_runs_today_replays_today()
    {
        await RecordAsync("completed", new ScriptedBackend(), (_, _) => Task.CompletedTask);
        await RecordAsync(
            "canceled",
            new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) },
            async (world, batch) =>
            {
                await PredictionWorld.EventuallyAsync(
                    () => Task.FromResult(world.Backend.Observations >= batch.Total),
                    "its predictions are looked at"
                );
                await new BatchDriver(world).Service.CancelAsync(batch.Owner, batch.Id, world.Client, Stop);
            }
        );
    }

    private static async Task RecordAsync(
        string end,
        ScriptedBackend backend,
        Func<PredictionWorld, Batch, Task> meanwhile
    )
    {
        await using var world = await PredictionWorld.StartAsync(backend);
        var driver = new BatchDriver(world);
        var batch = await driver.AcceptedAsync(BatchDriver.Lines(3));
        await meanwhile(world, batch);
        await driver.EndAsync(batch.Id);

        var whole = await RecordAsync<BatchOrchestrator>(world, batch.Id.Value, $"batch-{end}.json");
        var lane = whole.ReadEvents().OfType<SubOrchestrationInstanceCreatedEvent>().Single().InstanceId;
        await RecordAsync<BatchLaneOrchestrator>(world, lane!, $"lane-{end}.json");
    }

    private static async Task<RecordedHistory> RecordAsync<T>(PredictionWorld world, string instance, string file)
        where T : ITaskOrchestrator, new()
    {
        var history = await RecordedHistory.OfAsync(world.Get<IOrchestrationServiceClient>(), instance);
        HistoryReplayer.Replay<T>(history, LeydenJson.Options);
        if (Environment.GetEnvironmentVariable("LEYDEN_RECORD_HISTORIES") == "1")
        {
            await history.SaveAsync(Golden(file), Stop);
        }

        return history;
    }

    private static string Golden(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Histories", file);
}
