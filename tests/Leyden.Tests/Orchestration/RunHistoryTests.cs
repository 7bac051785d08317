using System.Runtime.CompilerServices;
using DurableTask.Core;
using Leyden.Backends;
using Leyden.Orchestration;
using Leyden.Predictions;
using Leyden.TestSupport;

namespace Leyden.Tests.Orchestration;

/// <summary>As <see cref="PredictionHistoryTests"/>, for predictions at a backend that runs while its caller waits.</summary>
public sealed class RunHistoryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("run.json")]
    [InlineData("run-after-a-cold-start.json")]
    [InlineData("run-at-the-second-attempt.json")]
    [InlineData("run-canceled.json")]
    [InlineData("run-deadline.json")]
    [InlineData("run-under-way.json")]
    public async Task A_recorded_prediction_replays(string file)
    {
        var history = await RecordedHistory.LoadAsync(Golden(file), Stop);

        HistoryReplayer.Replay<PredictionOrchestrator>(history, LeydenJson.Options);
    }

    [Fact]
    public async Task What_runs_today_replays_today()
    {
        var failure = new PredictionFailure("test_fault", Retryable: false, "told to fail");
        await RecordAsync("run.json", new ScriptedRunner());

        var cold = new ScriptedRunner();
        cold.Readiness.Enqueue(new Readiness.Warming("STARTING"));
        cold.Runs.Enqueue(new RunOutcome.Busy());
        await RecordAsync("run-after-a-cold-start.json", cold);

        var broken = new ScriptedRunner();
        broken.Runs.Enqueue(new RunOutcome.Interrupted(failure));
        broken.Runs.Enqueue(new RunOutcome.UnderWay());
        await RecordAsync("run-at-the-second-attempt.json", broken);

        await RecordAsync("run-canceled.json", new ScriptedRunner { Hangs = true }, CancelAsync);
        await RecordAsync(
            "run-deadline.json",
            new ScriptedRunner { Hangs = true },
            deadline: PredictionOptions.ShortestDeadline
        );
        await RecordAsync("run-under-way.json", new ScriptedRunner { Hangs = true }, BegunAsync, ends: false);
    }

    private static async Task RecordAsync(
        string file,
        ScriptedRunner runner,
        Func<PredictionWorld, Prediction, ScriptedRunner, Task>? meanwhile = null,
        TimeSpan? deadline = null,
        bool ends = true
    )
    {
        await using var world = await PredictionWorld.StartAsync(backends: [runner]);
        var created = await world.CreateAsync(PredictionWorld.Request(deadline: deadline));
        if (meanwhile is not null)
        {
            await meanwhile(world, created, runner);
        }

        if (ends)
        {
            await world.EndAsync(created.Id);
        }

        var history = await RecordedHistory.OfAsync(world.Get<IOrchestrationServiceClient>(), created.Id.Value);
        HistoryReplayer.Replay<PredictionOrchestrator>(history, LeydenJson.Options);
        if (Environment.GetEnvironmentVariable("LEYDEN_RECORD_HISTORIES") == "1")
        {
            await history.SaveAsync(Golden(file), Stop);
        }

        await runner.CancelAsync(created.Id.Value, Stop); // lets go of a run that hangs
    }

    private static Task BegunAsync(PredictionWorld world, Prediction prediction, ScriptedRunner runner) =>
        PredictionWorld.EventuallyAsync(() => Task.FromResult(!runner.Begun.IsEmpty), "it is begun");

    private static async Task CancelAsync(PredictionWorld world, Prediction prediction, ScriptedRunner runner)
    {
        await BegunAsync(world, prediction, runner);
        await world.Service.CancelAsync(prediction.Owner, prediction.Id, world.Client, Stop);
    }

    private static string Golden(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Histories", file);
}
