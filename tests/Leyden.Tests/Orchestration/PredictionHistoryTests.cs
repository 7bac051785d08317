using System.Runtime.CompilerServices;
using DurableTask.Core;
using Leyden.Backends;
using Leyden.Orchestration;
using Leyden.Predictions;
using Leyden.Tests.Notifications;
using Leyden.TestSupport;

namespace Leyden.Tests.Orchestration;

/// <summary>
/// Histories of predictions as they were when recorded: predictions like them are under way while a new version is deployed, so today's
/// orchestrator must go on with each. With <c>LEYDEN_RECORD_HISTORIES=1</c> in the environment <see cref="What_runs_today_replays_today"/>
/// replaces the files; then the orchestrator needs a new version as well.
/// </summary>
public sealed class PredictionHistoryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("succeeded.json")]
    [InlineData("succeeded-at-the-third-look.json")]
    [InlineData("succeeded-after-a-throttled-submission.json")]
    [InlineData("rejected.json")]
    [InlineData("canceled.json")]
    [InlineData("deadline.json")]
    [InlineData("running.json")]
    [InlineData("succeeded-with-a-webhook.json")]
    public async Task A_recorded_prediction_replays(string file)
    {
        var history = await RecordedHistory.LoadAsync(Golden(file), Stop);

        HistoryReplayer.Replay<PredictionOrchestrator>(history, LeydenJson.Options);
    }

    [Fact]
    public async Task A_history_of_other_calls_does_not()
    {
        var history = await RecordedHistory.LoadAsync(Golden("succeeded.json"), Stop);
        var other = history with
        {
            Json = history.Json.Replace(nameof(ObservePrediction), "LookAtPrediction", StringComparison.Ordinal),
        };

        Assert.Throws<HistoryMismatchException>(() =>
            HistoryReplayer.Replay<PredictionOrchestrator>(other, LeydenJson.Options)
        );
    }

    [Fact]
    public async Task What_runs_today_replays_today()
    {
        await RecordAsync("succeeded.json", _ => { });
        await RecordAsync(
            "succeeded-at-the-third-look.json",
            backend =>
            {
                backend.Looks.Enqueue(new ObserveOutcome.Running(Started: false));
                backend.Looks.Enqueue(new ObserveOutcome.Running(Started: true));
            }
        );
        await RecordAsync(
            "succeeded-after-a-throttled-submission.json",
            backend => backend.Submissions.Enqueue(new SubmitOutcome.Throttled(TimeSpan.FromMilliseconds(100)))
        );
        await RecordAsync(
            "rejected.json",
            backend => backend.Submissions.Enqueue(new SubmitOutcome.Rejected(new("test_fault", false, "told to fail")))
        );
        await RecordAsync("canceled.json", Runs, CancelAsync);
        await RecordAsync("deadline.json", Runs, deadline: PredictionOptions.ShortestDeadline);
        await RecordAsync("running.json", Runs, LookedAtAsync, ends: false);
    }

    [Fact]
    public async Task What_tells_others_today_replays_today()
    {
        await using var receiver = await Receiver.StartAsync();
        await RecordAsync(
            "succeeded-with-a-webhook.json",
            Runs,
            ToldOfTheStartAsync,
            request: DeliveryWorld.Request(receiver.Url),
            start: backend => DeliveryWorld.StartAsync(backend)
        );

        Assert.Equal(["prediction.started", "prediction.succeeded"], receiver.Types);
    }

    private static void Runs(ScriptedBackend backend) => backend.Otherwise = new ObserveOutcome.Running(Started: true);

    private static async Task RecordAsync(
        string file,
        Action<ScriptedBackend> script,
        Func<PredictionWorld, Prediction, Task>? meanwhile = null,
        TimeSpan? deadline = null,
        bool ends = true,
        PredictionRequest? request = null,
        Func<ScriptedBackend, Task<PredictionWorld>>? start = null
    )
    {
        var backend = new ScriptedBackend();
        script(backend);
        await using var world = await (start?.Invoke(backend) ?? PredictionWorld.StartAsync(backend));
        var created = await world.CreateAsync(request ?? PredictionWorld.Request(deadline: deadline));
        if (meanwhile is not null)
        {
            await meanwhile(world, created);
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

        if (request?.Webhook is not null)
        {
            await world.QuietAsync(created.Id, events: 2);
        }
    }

    // Each of the two events then has a courier of its own: the first has gone when the second happens.
    private static async Task ToldOfTheStartAsync(PredictionWorld world, Prediction prediction)
    {
        await world.QuietAsync(prediction.Id);
        world.Backend.Otherwise = ScriptedBackend.Done();
    }

    private static async Task CancelAsync(PredictionWorld world, Prediction prediction)
    {
        await LookedAtAsync(world, prediction);
        await world.Service.CancelAsync(prediction.Owner, prediction.Id, world.Client, Stop);
    }

    private static Task LookedAtAsync(PredictionWorld world, Prediction prediction) =>
        PredictionWorld.EventuallyAsync(() => Task.FromResult(world.Backend.Observations > 1), "it is looked at twice");

    private static string Golden(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Histories", file);
}
