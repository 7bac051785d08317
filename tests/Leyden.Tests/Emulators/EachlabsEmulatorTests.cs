using System.Net;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Tests.Emulators;

/// <summary>The emulator against what the API's documentation says.</summary>
public sealed class EachlabsEmulatorTests
{
    [Theory]
    [InlineData("v1/prediction")]
    [InlineData("v1/prediction/")]
    public async Task A_create_is_answered_as_documented_with_and_without_the_slash(string path)
    {
        await using var api = await EmulatedApi.StartAsync(new());

        var (status, answer) = await api.PostAsync(path, EmulatedApi.Body("a test"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("success", (string?)answer["status"]);
        Assert.Equal("Prediction created successfully", (string?)answer["message"]);
        Assert.NotEmpty((string?)answer["predictionID"] ?? "");
    }

    [Fact]
    public async Task A_prediction_goes_through_its_statuses_with_time()
    {
        var time = new FakeTimeProvider();
        var options = new EachlabsEmulatorOptions
        {
            QueueTime = TimeSpan.FromSeconds(2),
            RunTime = TimeSpan.FromSeconds(4),
        };
        await using var api = await EmulatedApi.StartAsync(options, time);
        var id = await api.CreateAsync("a test");
        var seen = new List<string?>();

        for (var second = 0; second <= 6; second++)
        {
            seen.Add((string?)(await api.GetAsync($"v1/prediction/{id}")).Answer["status"]);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["created", "starting", "processing", "processing", "processing", "processing", "success"], seen);
        var (_, prediction) = await api.GetAsync($"v1/prediction/{id}");
        Assert.Equal(4, (double?)prediction["metrics"]?["predict_time"]);
        Assert.Equal(0.00616, (double?)prediction["metrics"]?["cost"]);
        Assert.Equal($"{api.Emulator.BaseUrl}v1/prediction/{id}/cancel", (string?)prediction["urls"]?["cancel"]);
    }

    [Fact]
    public async Task Run_waits_for_the_finished_prediction()
    {
        await using var api = await EmulatedApi.StartAsync(new() { RunTime = TimeSpan.FromMilliseconds(300) });

        var (_, prediction) = await api.PostAsync("v1/prediction/run", EmulatedApi.Body("a test"));

        Assert.Equal("success", (string?)prediction["status"]);
        Assert.Equal(1, api.Emulator.Counts.CreatesBilled);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X-API-Key: wrong")]
    [InlineData("Authorization: Bearer wrong")]
    [InlineData("Authorization: Basic right")]
    public async Task A_wrong_key_is_refused(string header)
    {
        await using var api = await EmulatedApi.StartAsync(new() { ApiKey = "right" });
        api.KeyHeader = header;

        var (status, answer) = await api.PostAsync("v1/prediction", EmulatedApi.Body("a test"));

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("""{"error":"Invalid or missing API key"}""", answer.ToJsonString());
        Assert.Equal((0, 1), (api.Emulator.Counts.CreatesReceived, api.Emulator.Counts.Unauthorized));
    }

    [Theory]
    [InlineData("X-API-Key: right")]
    [InlineData("Authorization: Bearer right")]
    public async Task Either_header_carries_the_key(string header)
    {
        await using var api = await EmulatedApi.StartAsync(new() { ApiKey = "right" });
        api.KeyHeader = header;

        Assert.NotEmpty(await api.CreateAsync("a test"));
    }

    [Fact]
    public async Task The_limit_of_requests_slides_and_counts_reads_too()
    {
        var time = new FakeTimeProvider();
        await using var api = await EmulatedApi.StartAsync(new() { RequestsPerMinute = 3 }, time);
        var id = await api.CreateAsync("a test");
        time.Advance(TimeSpan.FromSeconds(30));
        await api.GetAsync($"v1/prediction/{id}");
        await api.GetAsync($"v1/prediction/{id}");

        var (status, answer) = await api.GetAsync($"v1/prediction/{id}");
        time.Advance(TimeSpan.FromSeconds(30));
        var (freed, _) = await api.GetAsync($"v1/prediction/{id}");
        var (full, _) = await api.GetAsync($"v1/prediction/{id}");

        Assert.Equal([(HttpStatusCode)429, HttpStatusCode.OK, (HttpStatusCode)429], [status, freed, full]);
        Assert.Equal(["status", "error", "details"], answer.AsObject().Select(member => member.Key));
        Assert.Equal(
            (1, 3, 2),
            (api.Emulator.Counts.CreatesBilled, api.Emulator.Counts.Gets, api.Emulator.Counts.Throttled)
        );
    }

    [Fact]
    public async Task Predictions_at_once_are_limited_until_one_ends()
    {
        var time = new FakeTimeProvider();
        await using var api = await EmulatedApi.StartAsync(new() { MaxConcurrent = 2 }, time);
        var first = await api.CreateAsync("first");
        await api.CreateAsync("second");

        Assert.Equal((HttpStatusCode)429, (await api.PostAsync("v1/prediction", EmulatedApi.Body("third"))).Status);
        await api.PostAsync($"v1/prediction/{first}/cancel", null);
        await api.CreateAsync("fourth");
        time.Advance(TimeSpan.FromMinutes(1));
        await api.CreateAsync("fifth");

        Assert.Equal(["first", "second", "fourth", "fifth"], api.Emulator.Counts.BilledOrder);
        Assert.Equal(2, api.Emulator.Counts.PeakRunning);
    }

    [Theory]
    [InlineData("""[]""", 400)]
    [InlineData("""{"input":{"prompt":"a"}}""", 400)]
    [InlineData("""{"model":"sdxl-lightning-4step"}""", 400)]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{}}""", 400)]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{"prompt":" "}}""", 400)]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{"prompt":"a","width":"128"}}""", 400)]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{"prompt":"a","num_outputs":5}}""", 400)]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{"prompt":"a","seed":"x"}}""", 400)]
    [InlineData("""{"model":"no-such-model","input":{"prompt":"a"}}""", 404)]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{"prompt":"[[fault:misspelt]]"}}""", 400)]
    public async Task Bad_requests_are_refused_and_not_billed(string body, int expected)
    {
        await using var api = await EmulatedApi.StartAsync(new());

        var (status, answer) = await api.PostAsync("v1/prediction", JsonNode.Parse(body));

        Assert.Equal(expected, (int)status);
        Assert.False(string.IsNullOrEmpty((string?)answer["error"]));
        Assert.Equal((1, 0), (api.Emulator.Counts.CreatesReceived, api.Emulator.Counts.CreatesBilled));
    }

    [Fact]
    public async Task A_canceled_prediction_stays_canceled()
    {
        var time = new FakeTimeProvider();
        await using var api = await EmulatedApi.StartAsync(new(), time);
        var id = await api.CreateAsync("a test");

        var (_, answer) = await api.PostAsync($"v1/prediction/{id}/cancel", null);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(("cancelled", id), ((string?)answer["status"], (string?)answer["predictionID"]));
        Assert.Equal("cancelled", (string?)(await api.GetAsync($"v1/prediction/{id}")).Answer["status"]);
    }

    [Fact]
    public async Task A_finished_prediction_can_not_be_canceled_any_more()
    {
        var time = new FakeTimeProvider();
        await using var api = await EmulatedApi.StartAsync(new(), time);
        var id = await api.CreateAsync("a test");
        time.Advance(TimeSpan.FromHours(1));

        await api.PostAsync($"v1/prediction/{id}/cancel", null);

        Assert.Equal("success", (string?)(await api.GetAsync($"v1/prediction/{id}")).Answer["status"]);
    }

    [Fact]
    public async Task Old_finished_predictions_are_forgotten_and_unfinished_ones_are_not()
    {
        var time = new FakeTimeProvider();
        await using var api = await EmulatedApi.StartAsync(new() { MaxRemembered = 2, MaxConcurrent = 0 }, time);
        var endless = await api.CreateAsync(EachlabsFaults.Marker(EachlabsFault.NeverFinish));
        var old = await api.CreateAsync("old");
        time.Advance(TimeSpan.FromMinutes(1));
        var young = await api.CreateAsync("young");

        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"v1/prediction/{old}")).Status);
        Assert.Equal("processing", (string?)(await api.GetAsync($"v1/prediction/{endless}")).Answer["status"]);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync($"v1/prediction/{young}")).Status);
    }

    [Fact]
    public async Task Counters_and_faults_are_reached_over_HTTP_without_a_key()
    {
        await using var api = await EmulatedApi.StartAsync(new());
        await api.CreateAsync("a test");
        api.KeyHeader = "";

        var (_, counters) = await api.GetAsync("emulator/counters");
        var (set, _) = await api.SendAsync(HttpMethod.Put, "emulator/faults", new JsonArray("create-server-error"));
        var (unknown, _) = await api.SendAsync(HttpMethod.Put, "emulator/faults", new JsonArray("misspelt"));

        Assert.Equal(1, (int?)counters["creates_billed"]);
        Assert.Equal(1, (int?)counters["billed_by_prompt"]?["a test"]);
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.BadRequest], [set, unknown]);
        Assert.Equal([EachlabsFault.CreateServerError], api.Emulator.Faults.Everywhere);
    }

    [Fact]
    public async Task A_fault_everywhere_concerns_every_request_until_it_is_taken_back()
    {
        await using var api = await EmulatedApi.StartAsync(new());
        api.Emulator.Faults.SetEverywhere(EachlabsFault.CreateServerError);

        Assert.Equal(500, (int)(await api.PostAsync("v1/prediction", EmulatedApi.Body("a test"))).Status);
        api.Emulator.Faults.SetEverywhere();
        Assert.Equal(200, (int)(await api.PostAsync("v1/prediction", EmulatedApi.Body("a test"))).Status);
    }

    [Fact]
    public async Task A_counted_fault_happens_so_often_and_then_no_more()
    {
        await using var api = await EmulatedApi.StartAsync(new());
        var body = EmulatedApi.Body(EachlabsFaults.Marker(EachlabsFault.CreateServerError, times: 2));
        var statuses = new List<int>();

        for (var i = 0; i < 4; i++)
        {
            statuses.Add((int)(await api.PostAsync("v1/prediction", body)).Status);
        }

        Assert.Equal([500, 500, 200, 200], statuses);
    }

    [Fact]
    public async Task Run_times_differ_by_the_jitter()
    {
        var time = new FakeTimeProvider();
        var options = new EachlabsEmulatorOptions
        {
            RunTimeJitter = 0.5,
            MaxConcurrent = 0,
            RequestsPerMinute = 0,
        };
        await using var api = await EmulatedApi.StartAsync(options, time);
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await api.CreateAsync($"test {i}"));
        }

        time.Advance(TimeSpan.FromMinutes(1));
        var times = new HashSet<double>();
        foreach (var id in ids)
        {
            times.Add((double)(await api.GetAsync($"v1/prediction/{id}")).Answer["metrics"]!["predict_time"]!);
        }

        Assert.All(times, seconds => Assert.InRange(seconds, 1, 3));
        Assert.True(times.Count > 1);
    }
}
