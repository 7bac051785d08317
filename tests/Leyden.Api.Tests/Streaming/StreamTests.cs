using System.Net;
using System.Text.Json.Nodes;
using Leyden.TestSupport;

namespace Leyden.Api.Tests.Streaming;

/// <summary>Event streams over real HTTP.</summary>
public sealed class StreamTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_tells_each_change_and_the_result_and_ends()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"));
        await using var events = await EventReader.OpenAsync(_host.Alice, id);

        Assert.Equal("text/event-stream", events.Answer.Content.Headers.ContentType?.MediaType);
        Assert.True(events.Answer.Headers.CacheControl?.NoStore);
        Assert.Equal("no", events.Answer.Headers.GetValues("X-Accel-Buffering").Single());
        var all = await events.RestAsync();

        Assert.Equal("done", all[^1].EventType);
        var statuses = all.Where(e => e.EventType == "status").ToList();
        Assert.Equal(statuses.Count, statuses.Select(e => e.EventId).Distinct().Count());
        var last = EventReader.JsonOf(statuses[^1]);
        Assert.Equal("success", ApiClient.StatusOf(last));
        Assert.Equal(
            (1, false),
            (last["progress"]!.GetValue<double>(), last["progress_is_estimate"]!.GetValue<bool>())
        );
        Assert.Equal(all[^1].EventId, statuses[^1].EventId);
        Assert.Equal(TimeSpan.FromSeconds(1), events.Parser.ReconnectionInterval);
        using var picture = await _host.Nobody.SendAsync(
            _host.Nobody.Request(HttpMethod.Get, last["output"]!.GetValue<string>())
        );
        Assert.Equal(HttpStatusCode.OK, picture.StatusCode);
    }

    [Fact]
    public async Task A_status_has_all_that_a_read_has_and_the_progress()
    {
        var ended = await _host.Alice.SucceededAsync(ApiClient.Body("a cat"));
        await using var events = await EventReader.OpenAsync(_host.Alice, ApiClient.IdOf(ended));

        var status = EventReader.JsonOf(await events.NextAsync("status"));

        status.Remove("progress");
        status.Remove("progress_is_estimate");
        (ended["output"], status["output"]) = (null, null); // links are signed anew
        Assert.True(JsonNode.DeepEquals(ended, status), status.ToJsonString());
    }

    [Fact]
    public async Task A_client_that_comes_back_is_not_told_what_it_knows_and_after_the_end_to_stay_away()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await _host.Alice.UntilAsync(id, "processing");
        string known;
        await using (var events = await EventReader.OpenAsync(_host.Alice, id))
        {
            known = (await events.NextAsync("status")).EventId!;
        }

        await using (var again = await EventReader.OpenAsync(_host.Alice, id, known))
        {
            await _host.Alice.CancelAsync(id);
            var next = await again.NextAsync("status");
            Assert.NotEqual(known, next.EventId);
            Assert.NotNull(EventReader.JsonOf(next)["cancel_requested_at"] ?? EventReader.JsonOf(next)["completed_at"]);
            known = (await again.RestAsync())[^1].EventId!;
        }

        var late = await _host.Alice.SendAsync(
            HttpMethod.Get,
            $"/v1/prediction/{id}/events",
            null,
            ("Last-Event-ID", known)
        );
        Assert.Equal((HttpStatusCode.NoContent, ""), (late.Status, late.Text));
        await using var other = await EventReader.OpenAsync(_host.Alice, id, "of something else");
        Assert.Equal(["status", "done"], (await other.RestAsync()).Select(e => e.EventType));
    }

    [Fact]
    public async Task Progress_grows_between_the_events()
    {
        await using var host = await ApiHost.StartAsync(emulate: e => e.RunTime = TimeSpan.FromSeconds(3));
        await host.Alice.SucceededAsync(ApiClient.Body("learning"));
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat"));
        await using var events = await EventReader.OpenAsync(host.Alice, id);

        var all = await events.RestAsync();

        var told = all.Where(e => e.EventType is "status" or "progress")
            .Select(e => EventReader.JsonOf(e)["progress"]!.GetValue<double>())
            .ToList();
        Assert.Equal(told.Order(), told);
        Assert.Contains(told, p => p is > 0 and < 1);
        Assert.Equal(1, told[^1]);
        Assert.All(
            all.Where(e => e.EventType == "progress"),
            e => Assert.Single(e.Data.Split("is_estimate\":true")[1..])
        );
    }

    [Fact]
    public async Task The_place_in_the_queue_falls_in_the_events()
    {
        await using var host = await ApiHost.StartAsync([("Leyden:Eachlabs:MaxConcurrent", "1")]);
        var first = await host.Alice.AcceptedAsync(ApiClient.Body("first [[fault:never-finish]]"));
        await host.Alice.UntilAsync(first, "processing");
        var second = await host.Alice.AcceptedAsync(ApiClient.Body("second [[fault:never-finish]]"));
        await ApiClient.EventuallyAsync(
            async () => (await host.Alice.ReadAsync(second))["queue_position"] is not null,
            "the second waits"
        );
        var third = await host.Alice.AcceptedAsync(ApiClient.Body("third"));
        await using var events = await EventReader.OpenAsync(host.Alice, third);
        await UntilPlaceAsync(events, 2);

        await host.Alice.CancelAsync(first);
        await UntilPlaceAsync(events, 1);
        await host.Alice.CancelAsync(second);

        Assert.Equal("success", ApiClient.StatusOf(EventReader.JsonOf((await events.RestAsync())[^2])));
    }

    [Fact]
    public async Task A_stream_closes_in_time_and_the_next_goes_on()
    {
        await using var host = await ApiHost.StartAsync([("Leyden:MaxStream", "00:00:01")]);
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await host.Alice.UntilAsync(id, "processing");
        await using var events = await EventReader.OpenAsync(host.Alice, id);

        var all = await events.RestAsync();

        Assert.DoesNotContain(all, e => e.EventType == "done");
        Assert.Equal(TimeSpan.FromSeconds(0.5), events.Parser.ReconnectionInterval);
        await using var next = await EventReader.OpenAsync(host.Alice, id, events.Parser.LastEventId);
        Assert.DoesNotContain(await next.RestAsync(), e => e.EventType == "status");
    }

    [Fact]
    public async Task Streams_are_limited_and_a_client_that_leaves_makes_room()
    {
        await using var host = await ApiHost.StartAsync([("Leyden:MaxStreams", "1")]);
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        var path = $"/v1/prediction/{id}/events";
        await using (var first = await EventReader.OpenAsync(host.Alice, id))
        {
            await first.NextAsync("status");
            var refused = await host.Alice.GetAsync(path);
            refused.Error(HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await ApiClient.EventuallyAsync(
            async () =>
            {
                await using var next = await EventReader.OpenAsync(host.Alice, id);
                return next.Answer.IsSuccessStatusCode;
            },
            "there is room again"
        );
    }

    [Fact]
    public async Task A_host_that_stops_ends_its_streams()
    {
        EventReader events;
        await using (var host = await ApiHost.StartAsync())
        {
            var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
            events = await EventReader.OpenAsync(host.Alice, id);
            await events.NextAsync("status");
        }

        await using (events)
        {
            Assert.DoesNotContain(await events.RestAsync(), e => e.EventType == "done");
        }
    }

    [Fact]
    public async Task Streams_are_for_the_owner_only()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"));

        (await _host.Bob.GetAsync($"/v1/prediction/{id}/events")).Error(HttpStatusCode.NotFound);
        (await _host.Nobody.GetAsync($"/v1/prediction/{id}/events")).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        (await _host.Alice.GetAsync("/v1/prediction/nothing/events")).Error(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_EventSource_of_npm_comes_back_when_a_stream_closes_and_stays_away_after_the_end()
    {
        var clients = Path.Combine(Path.GetDirectoryName(Here())!, "..", "clients");
        await NodeTools.InstallAsync(clients, Stop);
        await using var host = await ApiHost.StartAsync([("Leyden:MaxStream", "00:00:01")]);
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await host.Alice.UntilAsync(id, "processing");
        var url = new Uri(host.Alice.BaseUrl, $"/v1/prediction/{id}/events");
        using var node = NodeTools.Start(clients, "follow.mjs", url.AbsoluteUri, ApiHost.AliceKey);

        var lines = new List<JsonNode>();
        while (await node.StandardOutput.ReadLineAsync(Stop) is { } line)
        {
            lines.Add(JsonNode.Parse(line)!);
            if (lines.Count(l => l["answer"] is not null) == 2 && lines[^1]["answer"] is not null)
            {
                await host.Alice.CancelAsync(id); // it has come back
            }
        }

        await node.WaitForExitAsync(Stop);
        Assert.True(node.ExitCode == 0, await node.StandardError.ReadToEndAsync(Stop));
        var statuses = lines
            .Where(l => l["status"] is not null)
            .Select(l => ((string)l["id"]!, (string)l["status"]!))
            .ToList();
        Assert.Equal(statuses.Distinct(), statuses); // nothing twice, although it came back
        Assert.Equal("cancelled", statuses[^1].Item2);
        var answers = lines.Where(l => l["answer"] is not null).ToList();
        Assert.Equal(
            ((int)HttpStatusCode.NoContent, statuses[^1].Item1),
            ((int)answers[^1]["answer"]!, (string?)answers[^1]["sent"])
        );
        Assert.Equal(statuses[0].Item1, (string?)answers[1]["sent"]);
        Assert.Equal((int)HttpStatusCode.NoContent, (int)lines[^1]["closed"]!);
    }

    private static async Task UntilPlaceAsync(EventReader events, int place)
    {
        while (EventReader.JsonOf(await events.NextAsync("status"))["queue_position"]?.GetValue<int>() != place) { }
    }

    private static string Here([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
}
