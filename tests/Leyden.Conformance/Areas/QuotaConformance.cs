using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

/// <summary>A backend with tight limits, and more to do than they allow: nothing is refused, all waits its turn.</summary>
public abstract class QuotaConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task More_than_the_backend_takes_wait_in_order_and_none_is_refused_there()
    {
        using var lease = await TightenAsync();
        var emulator = Emulator;
        var ids = new List<string>();
        var prompts = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var body = Body.Of($"cat {i} [[run-time:500]]");
            prompts.Add((string)body["input"]!["prompt"]!);
            ids.Add(await Alice.AcceptedAsync(body));
            // One after the other, so that the order of arrival is known.
            await Caller.EventuallyAsync(() => HasArrivedAsync(ids[i]), $"cat {i} at the backend or in its queue");
        }

        foreach (var id in ids)
        {
            await Alice.UntilAsync(id, "success");
        }

        var counts = await emulator.CountersAsync();
        Assert.Equal(0, (int)counts["throttled"]!);
        Assert.Equal(1, (int)counts["peak_running"]!);
        Assert.Equal(prompts, counts["billed_order"]!.AsArray().Select(p => (string)p!).Where(prompts.Contains));
    }

    [Fact]
    public async Task The_place_in_the_queue_is_told_and_a_queued_prediction_is_canceled_without_being_billed()
    {
        using var lease = await TightenAsync();
        var emulator = Emulator;
        var running = await RunningAsync(Alice);
        var body = Body.Of("a cat that waits");
        var queued = await Alice.AcceptedAsync(body);
        await Caller.EventuallyAsync(async () => Place(await Alice.ReadAsync(queued)) == 1, "its place in the queue");

        (await Alice.CancelAsync(queued)).Ok();

        await Alice.UntilAsync(queued, "cancelled");
        Assert.Equal(0, await emulator.BilledAsync((string)body["input"]!["prompt"]!));
        (await Alice.CancelAsync(running)).Ok();
        await Alice.UntilAsync(running, "cancelled");
    }

    [Fact]
    public async Task A_prediction_whose_deadline_comes_in_the_queue_fails_without_being_billed()
    {
        using var lease = await TightenAsync();
        var emulator = Emulator;
        var running = await RunningAsync(Alice);
        var body = Body.Of("a cat that waits");

        var ended = await Alice.FailedAsync(body, ("Cancel-After", "5s"));

        Assert.Equal("deadline_exceeded", (string?)ended["error_code"]);
        Assert.True((bool?)ended["error_retryable"]);
        Assert.Equal(0, await emulator.BilledAsync((string)body["input"]!["prompt"]!));
        (await Alice.CancelAsync(running)).Ok();
        await Alice.UntilAsync(running, "cancelled");
    }

    private async Task<bool> HasArrivedAsync(string id)
    {
        var prediction = await Alice.ReadAsync(id);
        return (string?)prediction["status"] != "created" || Place(prediction) is not null;
    }

    private static int? Place(JsonObject prediction) => (int?)prediction["queue_position"];
}
