using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Predictions that nobody wants any more.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task Cancel_ends_a_run_and_who_waits_is_told()
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        var waiting = server.PutAsync("/predictions/one", new { input = Input() });
        await server.UntilAsync("one", "processing");

        var cancel = await server.PostAsync("/predictions/one/cancel");
        var answer = await waiting;

        Assert.Equal((200, "{}"), (cancel.Status, cancel.Json.GetRawText()));
        Assert.Equal((200, "canceled"), (answer.Status, answer.Text("status")));
        Assert.False(answer.Has("output"));
        Assert.Equal(1, server.Model.Canceled);
        Assert.Equal(404, (await server.PostAsync("/predictions/one/cancel")).Status);
    }

    [Fact]
    public async Task A_lost_connection_ends_its_run_and_frees_the_slot()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:QueueLength", 0)]
        );
        using var gone = new CancellationTokenSource();
        var waiting = server.SendAsync(HttpMethod.Put, "/predictions/one", new { input = Input() }, [], gone.Token);
        await server.UntilAsync("one", "processing");

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await server.UntilAsync("one", "canceled");
        Assert.Equal("READY", await server.HealthAsync());
        Assert.Equal(1, server.Model.Canceled);
    }

    [Fact]
    public async Task A_lost_connection_ends_what_waits_without_a_run()
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        await server.StartAsync("first");
        using var gone = new CancellationTokenSource();
        var waiting = server.SendAsync(HttpMethod.Put, "/predictions/second", new { input = Input() }, [], gone.Token);
        await server.UntilAsync("second", "starting");

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await server.UntilAsync("second", "canceled");
        Assert.Single(server.Model.Runs);
    }

    [Fact]
    public async Task An_asynchronous_prediction_outlives_its_connection()
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        await server.StartAsync("one");
        server.Http.CancelPendingRequests();

        server.Model.Step();

        await server.UntilAsync("one", "succeeded");
    }
}
