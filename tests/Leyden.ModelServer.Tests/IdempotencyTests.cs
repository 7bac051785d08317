using CsCheck;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>An id is that of one prediction until it has ended; then it runs again.</summary>
public sealed class IdempotencyTests
{
    private const int StepsOfARun = 4;

    [Fact]
    public async Task A_repeat_while_it_runs_starts_nothing_and_shows_what_runs()
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        var waiting = server.PutAsync("/predictions/one", new { input = Input() });
        await server.UntilAsync("one", "processing");

        var repeat = await server.PutAsync("/predictions/one", new { input = Input(("prompt", "another")) });
        var post = await server.PostAsync("/predictions", new { id = "one", input = Input() });
        server.Model.Step();
        var first = await waiting;

        Assert.Equal((202, "processing"), (repeat.Status, repeat.Text("status")));
        Assert.Equal("a red circle", repeat.Json.GetProperty("input").GetProperty("prompt").GetString());
        Assert.Equal(409, post.Status);
        Assert.Equal((200, "succeeded"), (first.Status, first.Text("status")));
        Assert.Single(server.Model.Runs);
    }

    [Fact]
    public async Task A_repeat_after_its_end_runs_again()
    {
        await using var server = await StartAsync();

        await server.PutAsync("/predictions/one", new { input = Input() });
        var again = await server.PutAsync("/predictions/one", new { input = Input(("seed", 8)) });

        Assert.Equal(200, again.Status);
        Assert.Equal(2, server.Model.Runs.Count);
        var read = await server.GetAsync("/predictions/one");
        Assert.Equal(8, read.Json.GetProperty("input").GetProperty("seed").GetInt32());
    }

    [Fact]
    public async Task Who_sees_the_end_finds_the_id_and_the_slot_free()
    {
        await using var server = await StartAsync(settings: [("Leyden:ModelServer:QueueLength", 0)]);

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(200, (await server.PutAsync("/predictions/same", new { input = Input() })).Status);
        }

        Assert.Equal(50, server.Model.Runs.Count);
    }

    /// <summary>Whatever is put, finished, canceled and read, in whatever order: one run for each accepted request, none for a repeat.</summary>
    [Fact]
    public async Task Runs_are_as_many_as_requests_that_were_accepted_when_none_ran()
    {
        await using var server = await StartAsync(
            new DrawingModel { IsHeld = true },
            settings: [("Leyden:ModelServer:Slots", 3), ("Leyden:ModelServer:QueueLength", 0)]
        );
        var serial = 0;
        var step = Gen.Select(Gen.OneOf("put", "put", "cancel", "finish", "read"), Gen.Int[0, 2]);

        await step.Array[1, 12]
            .SampleAsync(
                async steps =>
                {
                    var (run, before) = (Interlocked.Increment(ref serial), server.Model.Runs.Count);
                    var (active, expected) = (new HashSet<string>(), 0);
                    foreach (var (what, number) in steps)
                    {
                        var id = $"{run}-{number}";
                        expected += await DoAsync(server, what, id, active);
                    }

                    await FinishAsync(server, active);
                    Assert.Equal(expected, server.Model.Runs.Count - before);
                },
                iter: 60,
                threads: 1
            );
    }

    private static async Task<int> DoAsync(TestServer server, string what, string id, HashSet<string> active)
    {
        switch (what)
        {
            case "put":
                var answer = await server.StartAsync(id);
                Assert.Equal(202, answer.Status);
                return active.Add(id) ? 1 : 0;
            case "cancel":
                var canceled = await server.PostAsync($"/predictions/{id}/cancel");
                Assert.Equal(active.Contains(id) ? 200 : 404, canceled.Status);
                if (active.Remove(id))
                {
                    await server.UntilAsync(id, "canceled");
                }

                return 0;
            case "finish":
                await FinishAsync(server, active);
                return 0;
            default:
                var read = await server.GetAsync($"/predictions/{id}");
                Assert.True(read.Status == 200 || !active.Contains(id));
                return 0;
        }
    }

    private static async Task FinishAsync(TestServer server, HashSet<string> active)
    {
        if (active.Count > 0)
        {
            server.Model.Step(StepsOfARun * active.Count);
        }

        foreach (var id in active)
        {
            await server.UntilAsync(id, "succeeded");
        }

        active.Clear();
    }
}
