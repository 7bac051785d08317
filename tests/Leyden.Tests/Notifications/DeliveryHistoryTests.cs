using System.Runtime.CompilerServices;
using DurableTask.Core;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.TestSupport;

namespace Leyden.Tests.Notifications;

/// <summary>
/// Histories of couriers as they were when recorded: a courier may be days under way, and new versions are deployed meanwhile. With
/// <c>LEYDEN_RECORD_HISTORIES=1</c> in the environment <see cref="What_delivers_today_replays_today"/> replaces the files; then the
/// orchestrator needs a new version as well.
/// </summary>
public sealed class DeliveryHistoryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("delivered.json")]
    [InlineData("delivered-at-the-third-attempt.json")]
    [InlineData("gone.json")]
    public async Task A_recorded_courier_replays(string file)
    {
        var history = await RecordedHistory.LoadAsync(Golden(file), Stop);

        HistoryReplayer.Replay<DeliveryOrchestrator>(history, LeydenJson.Options);
    }

    [Fact]
    public async Task A_history_of_other_calls_does_not()
    {
        var history = await RecordedHistory.LoadAsync(Golden("delivered-at-the-third-attempt.json"), Stop);
        var other = history with
        {
            Json = history.Json.Replace(nameof(DeliverEvent), "CarryEvent", StringComparison.Ordinal),
        };

        Assert.Throws<HistoryMismatchException>(() =>
            HistoryReplayer.Replay<DeliveryOrchestrator>(other, LeydenJson.Options)
        );
    }

    [Fact]
    public async Task What_delivers_today_replays_today()
    {
        await RecordAsync("delivered.json", _ => { }, DeliveryState.Delivered, attempts: 1);
        await RecordAsync(
            "delivered-at-the-third-attempt.json",
            receiver => receiver.FailFirst(2, 500),
            DeliveryState.Delivered,
            attempts: 3
        );
        await RecordAsync("gone.json", receiver => receiver.AnswerWith(410), DeliveryState.Gone, attempts: 1);
    }

    private static async Task RecordAsync(string file, Action<Receiver> script, DeliveryState state, int attempts)
    {
        await using var receiver = await Receiver.StartAsync();
        script(receiver);
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: PredictionEventWords.Ends));
        var entry = Assert.Single((await world.QuietAsync(ended.Id)).Entries);
        Assert.Equal((state, attempts), (entry.State, entry.AttemptCount));

        var courier = new DeliveryWork(Owner.Local, ended.Id, Subscription.WebhookName, Courier: 1).InstanceId;
        await world.Client.WaitForInstanceCompletionAsync(courier, Stop);
        var history = await RecordedHistory.OfAsync(world.Get<IOrchestrationServiceClient>(), courier);
        HistoryReplayer.Replay<DeliveryOrchestrator>(history, LeydenJson.Options);
        if (Environment.GetEnvironmentVariable("LEYDEN_RECORD_HISTORIES") == "1")
        {
            await history.SaveAsync(Golden(file), Stop);
        }
    }

    private static string Golden(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Histories", file);
}
