using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Who waits for a slot, in which order, and how many.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task The_queue_is_bounded_and_says_the_place_in_it()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:QueueLength", 2)]
        );

        var runs = await server.StartAsync("a");
        var second = await server.StartAsync("b");
        var third = await server.StartAsync("c");
        var refused = await server.StartAsync("d");

        Assert.False(runs.Has("queue_position"));
        Assert.Equal(1, second.Json.GetProperty("queue_position").GetInt32());
        Assert.Equal(2, third.Json.GetProperty("queue_position").GetInt32());
        Assert.Equal((409, "failed"), (refused.Status, refused.Text("status")));
        Assert.StartsWith("At capacity - ", refused.Text("error"), StringComparison.Ordinal);
        Assert.Equal(404, (await server.GetAsync("/predictions/d")).Status);

        await server.PostAsync("/predictions/b/cancel");
        var moved = await server.GetAsync("/predictions/c");
        Assert.Equal(1, moved.Json.GetProperty("queue_position").GetInt32());
        Assert.Equal("starting", moved.Text("status"));
    }

    [Fact]
    public async Task Without_a_queue_it_is_full_when_its_slot_is_as_Cog_is()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:QueueLength", 0)]
        );

        await server.StartAsync("a");

        Assert.Equal(409, (await server.StartAsync("b")).Status);
        Assert.Equal(202, (await server.StartAsync("a")).Status);
    }

    [Fact]
    public async Task They_run_in_the_order_of_their_arrival()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:QueueLength", 10)]
        );
        var ids = Enumerable.Range(0, 8).Select(i => $"p{i}").ToList();
        foreach (var (index, id) in ids.Index())
        {
            await server.StartAsync(id, ("seed", index));
        }

        server.Model.Step();
        await server.UntilAsync("p7", "succeeded");

        Assert.Equal(Enumerable.Range(0, 8).Select(i => (uint)i), server.Model.Runs.Select(r => r[0].Seed));
        Assert.Equal(1, server.Model.MostAtOnce);
    }

    [Fact]
    public async Task As_many_run_at_once_as_there_are_slots_and_everyone_gets_the_own_pictures()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:Slots", 3), ("Leyden:ModelServer:QueueLength", 50)]
        );
        var waiting = Enumerable
            .Range(0, 24)
            .Select(i => server.PutAsync($"/predictions/p{i}", new { input = Input(("seed", i)) }))
            .ToList();
        await EventuallyAsync(() => server.Model.Running == 3);

        server.Model.Step();
        var answers = await Task.WhenAll(waiting);

        Assert.Equal(3, server.Model.MostAtOnce);
        Assert.All(answers, a => Assert.Equal((200, "succeeded"), (a.Status, a.Text("status"))));
        Assert.Equal(24, answers.Select(a => Convert.ToBase64String(a.Pictures.Single())).Distinct().Count());
        foreach (var (index, answer) in answers.Index())
        {
            Assert.Equal(index, answer.Json.GetProperty("input").GetProperty("seed").GetInt32());
        }
    }
}
