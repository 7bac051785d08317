using Leyden.Diffusion;
using Microsoft.Extensions.Time.Testing;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>What the server tells of itself, in every state.</summary>
public sealed class ServiceTests
{
    [Fact]
    public async Task The_root_lists_the_routes()
    {
        await using var server = await StartAsync();

        var root = await server.GetAsync("/");

        Assert.Equal("/openapi.json", root.Text("openapi_url"));
        Assert.Equal("/health-check", root.Text("healthcheck_url"));
        Assert.Equal("/predictions", root.Text("predictions_url"));
        Assert.Equal("/predictions/{prediction_id}", root.Text("predictions_idempotent_url"));
        Assert.Equal("/predictions/{prediction_id}/cancel", root.Text("predictions_cancel_url"));
        Assert.Equal("/shutdown", root.Text("shutdown_url"));
        Assert.StartsWith("leyden-", root.Text("cog_version"), StringComparison.Ordinal);
        Assert.Equal(200, (await server.GetAsync(root.Text("docs_url"))).Status);
    }

    [Fact]
    public async Task While_the_model_loads_it_is_STARTING_then_READY()
    {
        var loader = new TestLoader { IsHeld = true };
        await using var server = await StartAsync(loader: loader);

        var early = await server.GetAsync("/health-check");
        Assert.Equal((200, "STARTING"), (early.Status, early.Text("status")));
        Assert.Equal("starting", early.Json.GetProperty("setup").GetProperty("status").GetString());
        Assert.Equal(503, (await server.GetAsync("/readyz")).Status);
        Assert.Equal(200, (await server.GetAsync("/healthz")).Status);

        loader.Release();
        await EventuallyAsync(async () => await server.HealthAsync() == "READY");
        var late = await server.GetAsync("/health-check");
        var setup = late.Json.GetProperty("setup");
        Assert.Equal("succeeded", setup.GetProperty("status").GetString());
        Assert.Contains("Loading the drawing model", setup.GetProperty("logs").GetString(), StringComparison.Ordinal);
        Assert.True(setup.TryGetProperty("completed_at", out _));
        Assert.NotNull(late.Json.GetProperty("version").GetProperty("coglet").GetString());
        Assert.Equal("drawing", late.Json.GetProperty("model").GetProperty("name").GetString());
        Assert.Equal(200, (await server.GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task A_model_that_can_not_be_loaded_is_SETUP_FAILED_with_the_reason()
    {
        await using var server = await StartAsync(
            loader: new TestLoader { Fault = new ModelDirectoryException("/models/unet", "there is no model.onnx") }
        );

        var health = await server.GetAsync("/health-check");
        var refused = await server.PostAsync("/predictions", new { input = Input() });

        Assert.Equal((200, "SETUP_FAILED"), (health.Status, health.Text("status")));
        var setup = health.Json.GetProperty("setup");
        Assert.Equal("failed", setup.GetProperty("status").GetString());
        Assert.Contains("there is no model.onnx", setup.GetProperty("logs").GetString(), StringComparison.Ordinal);
        Assert.Equal(503, refused.Status);
        Assert.Equal(503, (await server.GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task It_is_BUSY_when_slots_and_queue_are_full_and_READY_again_after()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:Slots", 2), ("Leyden:ModelServer:QueueLength", 1)]
        );

        foreach (var id in new[] { "a", "b", "c" })
        {
            Assert.Equal("READY", await server.HealthAsync());
            await server.StartAsync(id);
        }

        Assert.Equal("BUSY", await server.HealthAsync());
        Assert.Equal(200, (await server.GetAsync("/readyz")).Status);
        await server.PostAsync("/predictions/c/cancel");
        Assert.Equal("READY", await server.HealthAsync());
    }

    [Fact]
    public async Task A_run_that_does_not_move_is_UNHEALTHY_until_it_does_and_DEFUNCT_when_it_can_not_be_canceled()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true, IgnoresCancel = true },
            time: time,
            settings: [("Leyden:ModelServer:StallTime", "00:01:00")]
        );
        await server.StartAsync("stuck");
        await server.UntilAsync("stuck", "processing");
        Assert.Equal("READY", await server.HealthAsync());

        time.Advance(TimeSpan.FromSeconds(61));
        var health = await server.GetAsync("/health-check");
        Assert.Equal("UNHEALTHY", health.Text("status"));
        Assert.Contains("no progress for 61 s", health.Text("user_healthcheck_error"), StringComparison.Ordinal);

        server.Model.Step(1);
        await EventuallyAsync(async () => await server.HealthAsync() == "READY");

        await server.PostAsync("/predictions/stuck/cancel");
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("DEFUNCT", await server.HealthAsync());
        Assert.Equal(503, (await server.GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task A_model_that_fails_again_and_again_is_DEFUNCT()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("READY", await server.HealthAsync());
            server.Model.FailNext(new InvalidOperationException("CUDA error 700"));
            await server.PostAsync("/predictions", new { input = Input() });
        }

        var health = await server.GetAsync("/health-check");
        var refused = await server.PostAsync("/predictions", new { input = Input() });

        Assert.Equal("DEFUNCT", health.Text("status"));
        Assert.Equal(503, refused.Status);
        Assert.Equal(503, (await server.GetAsync("/healthz")).Status);
        Assert.Equal(3, server.Model.Runs.Count);
    }

    [Fact]
    public async Task A_success_between_failures_keeps_it_READY()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 6; i++)
        {
            if (i % 3 < 2)
            {
                server.Model.FailNext(new InvalidOperationException("out of memory"));
            }

            await server.PostAsync("/predictions", new { input = Input() });
        }

        Assert.Equal("READY", await server.HealthAsync());
    }

    [Fact]
    public async Task Shutdown_ends_the_server()
    {
        await using var server = await StartAsync();
        var ended = server.Ended;

        Assert.Equal(200, (await server.PostAsync("/shutdown")).Status);

        await ended.WaitAsync(Patience, TimeProvider.System, Cancellation);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/predictions/unknown", 404)]
    [InlineData("POST", "/predictions/unknown/cancel", 404)]
    [InlineData("POST", "/trainings", 404)]
    [InlineData("GET", "/predictions", 405)]
    [InlineData("DELETE", "/predictions/unknown", 405)]
    [InlineData("GET", "/shutdown", 405)]
    public async Task What_is_not_there_is_not_there(string method, string path, int status)
    {
        await using var server = await StartAsync();

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await server.Http.SendAsync(request, Cancellation);

        Assert.Equal(status, (int)response.StatusCode);
    }
}
