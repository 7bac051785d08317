using Microsoft.Extensions.Time.Testing;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>The end of the server.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task What_runs_finishes_and_what_waits_is_turned_away()
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        var running = server.PutAsync("/predictions/runs", new { input = Input() });
        await server.UntilAsync("runs", "processing");
        var waiting = server.PutAsync("/predictions/waits", new { input = Input() });
        await server.UntilAsync("waits", "starting");

        var stopping = server.StopAsync();
        var turnedAway = await waiting;
        server.Model.Step();
        var finished = await running;
        await stopping;

        Assert.Equal((503, "failed"), (turnedAway.Status, turnedAway.Text("status")));
        Assert.Contains("the server is stopping", turnedAway.Text("error"), StringComparison.Ordinal);
        Assert.Equal((200, "succeeded"), (finished.Status, finished.Text("status")));
        Assert.Single(server.Model.Runs);
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_cut_and_its_caller_told()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync(new DrawingModel { IsHeld = true }, time: time);
        var running = server.PutAsync("/predictions/runs", new { input = Input() });
        await server.UntilAsync("runs", "processing");

        var stopping = server.StopAsync();
        await EventuallyAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return running.IsCompleted;
        });
        var answer = await running;
        await stopping;

        Assert.Equal(503, answer.Status);
        Assert.Equal(1, server.Model.Canceled);
        Assert.True(server.Model.IsDisposed || server.Model.Running == 0);
    }

    [Fact]
    public async Task An_asynchronous_prediction_finishes_and_its_webhook_is_told()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        await server.PutAsync(
            "/predictions/one",
            new { input = Input(), webhook = receiver.Url },
            ("Prefer", "respond-async")
        );
        await server.UntilAsync("one", "processing");

        var stopping = server.StopAsync();
        server.Model.Step();
        await stopping;

        Assert.Equal("succeeded", receiver.All[^1].Status);
    }
}
