using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Waiting predictions that share a run.</summary>
public sealed class BatchingTests
{
    [Fact]
    public async Task Without_the_setting_each_runs_for_itself()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:QueueLength", 10)]
        );

        await RunAllAsync(server, Enumerable.Repeat(Array.Empty<(string, object?)>(), 4));

        Assert.All(server.Model.Runs, run => Assert.Single(run));
    }

    [Fact]
    public async Task Those_with_the_same_settings_share_a_run_up_to_its_size_and_get_the_same_pictures_as_alone()
    {
        await using var server = await Batching(4);
        var alone = await server.PutAsync("/predictions/alone", new { input = Input(("seed", 3)) });
        server.Model.IsHeld = true;

        await RunAllAsync(
            server,
            [
                [("seed", 1)],
                [("seed", 2)],
                [("seed", 3)],
                [("seed", 4), ("num_inference_steps", 5)],
                [("seed", 5), ("num_outputs", 2)],
                [("seed", 6)],
            ]
        );

        // The first runs alone, since it did not wait. The 5-step one can not join; the pair fills the run of the second.
        Assert.Equal(
            ["1", "2,3,5,6", "4", "6"],
            server.Model.Runs.Skip(1).Select(run => string.Join(',', run.Select(p => p.Seed)))
        );
        var together = await server.GetAsync("/predictions/p2");
        Assert.Equal(alone.Pictures.Single(), together.Pictures.Single());
        Assert.Equal(2, (await server.GetAsync("/predictions/p4")).Pictures.Count);
    }

    [Fact]
    public async Task Who_cancels_leaves_the_run_to_the_others_and_the_last_ends_it()
    {
        await using var server = await Batching(4);
        server.Model.IsHeld = true;
        await server.StartAsync("first");
        foreach (var id in new[] { "a", "b" })
        {
            await server.StartAsync(id);
        }

        server.Model.Step(4);
        await server.UntilAsync("first", "succeeded");
        await server.UntilAsync("b", "processing");

        await server.PostAsync("/predictions/a/cancel");
        Assert.Equal("canceled", (await server.GetAsync("/predictions/a")).Text("status"));
        Assert.Equal("processing", (await server.GetAsync("/predictions/b")).Text("status"));
        Assert.Equal(0, server.Model.Canceled);

        await server.PostAsync("/predictions/b/cancel");
        await server.UntilAsync("b", "canceled");
        Assert.Equal(1, server.Model.Canceled);
    }

    [Fact]
    public async Task A_shared_run_that_fails_is_made_again_one_by_one()
    {
        await using var server = await Batching(4, new DrawingModel { MaxBatch = 1 });
        server.Model.IsHeld = true;

        await RunAllAsync(
            server,
            [
                [("seed", 1)],
                [("seed", 2)],
                [("seed", 3)],
            ]
        );

        Assert.Equal("succeeded", (await server.GetAsync("/predictions/p1")).Text("status"));
        Assert.Equal("READY", await server.HealthAsync());
        Assert.Equal([1, 2, 1, 1], server.Model.Runs.Select(run => run.Count));
    }

    [Fact]
    public async Task More_pictures_than_a_run_takes_are_still_one_run_when_one_prediction_asks_for_them()
    {
        await using var server = await Batching(2);

        var answer = await server.PutAsync("/predictions/four", new { input = Input(("num_outputs", 4)) });

        Assert.Equal(4, answer.Pictures.Count);
        Assert.Single(server.Model.Runs);
    }

    private static Task<TestServer> Batching(int size, DrawingModel? model = null) =>
        StartAsync(model, settings: [("Leyden:ModelServer:BatchSize", size), ("Leyden:ModelServer:QueueLength", 20)]);

    private static async Task RunAllAsync(TestServer server, IEnumerable<(string Name, object? Value)[]> inputs)
    {
        var count = 0;
        foreach (var changes in inputs)
        {
            Assert.Equal(202, (await server.StartAsync($"p{count++}", changes)).Status);
            await EventuallyAsync(() => server.Model.Running == 1);
        }

        server.Model.Step();
        for (var i = 0; i < count; i++)
        {
            await server.UntilAsync($"p{i}", "succeeded");
        }
    }
}
