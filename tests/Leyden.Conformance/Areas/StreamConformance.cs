using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class StreamConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task A_run_is_told_to_its_end_in_order_and_the_host_closes_the_stream()
    {
        string[] order = ["created", "starting", "processing", "success"];
        var id = await Alice.AcceptedAsync(Body.Of("a cat [[run-time:1500]]"));

        using var stream = await EventReader.OpenAsync(Alice, id);
        var events = await stream.RestAsync();

        Assert.Equal("text/event-stream", stream.ContentHeaders.ContentType?.MediaType);
        Assert.True(stream.Headers.CacheControl?.NoStore, "It may be stored.");
        Assert.NotEmpty(events[0].Fields["retry"]);
        var statuses = events.Where(e => e.Type == "status").ToList();
        var words = statuses.Select(e => e.Status!).ToList();
        Assert.Equal(words.OrderBy(word => Array.IndexOf(order, word)), words);
        Assert.Equal("success", words[^1]);
        Assert.Equal(statuses.Count, statuses.Select(e => e.Id).Distinct().Count());
        Assert.Equal(("done", statuses[^1].Id), (events[^1].Type, events[^1].Id));
        var progress = events.Where(e => e.Type is "status" or "progress").Select(e => e.Json["progress"]!).ToList();
        Assert.All(progress.SkipLast(1), p => Assert.InRange((double)p!, 0, 0.95));
        Assert.Equal(1, (double)progress[^1]!);
    }

    [Fact]
    public async Task Its_last_word_is_the_prediction_as_a_read_shows_it()
    {
        var prediction = await Alice.SucceededAsync(Body.Of("a cat"));

        using var stream = await EventReader.OpenAsync(Alice, (string)prediction["id"]!);
        var told = (await stream.NextAsync(e => e.Type == "status")).Json;

        foreach (var (member, value) in prediction.Where(m => m.Key != "output"))
        {
            Assert.True(JsonNode.DeepEquals(value, told[member]), $"{member}: {told[member]}");
        }

        (await Nobody.GetAsync((string)told["output"]!)).Ok();
        Assert.False((bool)told["progress_is_estimate"]!);
    }

    [Fact]
    public async Task It_begins_at_once_shows_signs_of_life_while_nothing_happens_and_tells_a_cancel()
    {
        var id = await RunningAsync(Alice);
        using var stream = await EventReader.OpenAsync(Alice, id);

        var first = await stream.NextAsync(e => e.Type is not null);
        await stream.NextAsync(e => e.IsComment);
        (await Alice.CancelAsync(id)).Ok();
        var last = await stream.NextAsync(e => e.Status == "cancelled");

        Assert.Equal("processing", first.Status);
        Assert.NotEqual(first.Id, last.Id);
        Assert.Equal("done", (await stream.RestAsync()).Single().Type);
    }

    [Fact]
    public async Task Who_comes_back_is_told_what_was_missed_alone_and_leaving_cancels_nothing()
    {
        var id = await RunningAsync(Alice);
        string known;
        using (var stream = await EventReader.OpenAsync(Alice, id))
        {
            known = (await stream.NextAsync(e => e.Status == "processing")).Id!;
        }

        using var again = await EventReader.OpenAsync(Alice, id, known);
        Assert.Equal("processing", (string?)(await Alice.ReadAsync(id))["status"]);
        (await Alice.CancelAsync(id)).Ok();
        var events = await again.RestAsync();

        Assert.DoesNotContain(known, events.Select(e => e.Id));
        Assert.Equal("cancelled", events.Last(e => e.Type == "status").Status);
    }

    [Fact]
    public async Task Who_has_seen_the_end_is_sent_away_and_who_has_not_is_told()
    {
        var id = (string)(await Alice.SucceededAsync(Body.Of("a cat")))["id"]!;
        using var stream = await EventReader.OpenAsync(Alice, id);
        var done = await stream.NextAsync(e => e.Type == "done");

        var seen = await Alice.GetAsync(EventReader.PathOf(id), ("Last-Event-ID", done.Id!));
        using var unseen = await EventReader.OpenAsync(Alice, id, "another");

        Assert.Empty(seen.Is(HttpStatusCode.NoContent).Bytes);
        Assert.Equal("success", (await unseen.NextAsync(e => e.Type is not null)).Status);
    }

    [Fact]
    public async Task A_failure_is_told_with_its_code()
    {
        _ = Emulator;
        var id = await Alice.AcceptedAsync(Body.Of("a cat [[fault:nsfw]]"));

        using var stream = await EventReader.OpenAsync(Alice, id);
        var events = await stream.RestAsync();

        Assert.Equal("nsfw", (string?)events.Last(e => e.Type == "status").Json["error_code"]);
    }

    [Fact]
    public async Task Others_learn_nothing()
    {
        RequireKeys();
        var path = EventReader.PathOf((string)(await Alice.SucceededAsync(Body.Of("a cat")))["id"]!);

        (await Bob.GetAsync(path)).Error(HttpStatusCode.NotFound);
        (await Nobody.GetAsync(path)).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        (await Alice.GetAsync(EventReader.PathOf("01jx0000000000000000000000"))).Error(HttpStatusCode.NotFound);
    }
}
