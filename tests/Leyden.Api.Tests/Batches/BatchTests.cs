using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests.Batches;

public sealed class BatchTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task A_batch_of_prompts_is_run_and_its_results_lead_to_the_pictures()
    {
        var submitted = await _host.Alice.PostAsync("/v1/batches", Prompts("a cat", "a dog", "a fox"));

        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        Assert.Equal(3, submitted.Json["counts"]!["total"]!.GetValue<int>());
        var ended = await EndAsync(ApiClient.IdOf(submitted.Json));
        Assert.Equal("completed", ApiClient.StatusOf(ended));
        Assert.Equal(3, ended["counts"]!["succeeded"]!.GetValue<int>());
        var results = await ResultsAsync(ended);
        Assert.Equal([0, 1, 2], results.Select(r => r["index"]!.GetValue<int>()));
        var path = $"/v1/batches/{ApiClient.IdOf(ended)}/results?from=";
        Assert.Equal(2, (await _host.Alice.GetAsync($"{path}1")).Text.Trim().Split('\n').Length);
        (await _host.Alice.GetAsync($"{path}-1")).Error(HttpStatusCode.BadRequest);
        Assert.All(results, r => Assert.Equal("success", ApiClient.StatusOf(r)));
        Assert.Equal(
            "a dog",
            (await _host.Alice.ReadAsync(ApiClient.IdOf(results[1])))["input"]!["prompt"]!.GetValue<string>()
        );
        using var picture = await _host.Nobody.SendAsync(
            _host.Nobody.Request(HttpMethod.Get, new Uri(results[2]["output"]!.GetValue<string>()).PathAndQuery)
        );
        Assert.Equal("image/png", picture.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("application/jsonl")]
    [InlineData("application/x-ndjson; charset=utf-8")]
    public async Task Lines_are_taken_by_their_media_type(string type)
    {
        var lines = "\"a cat\"\n{\"prompt\":\"a dog\",\"width\":256,\"height\":256}\n";

        var submitted = await _host.Alice.PostAsync("/v1/batches", Lines(lines, type));

        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        Assert.Equal("completed", ApiClient.StatusOf(await EndAsync(ApiClient.IdOf(submitted.Json))));
    }

    [Fact]
    public async Task Faults_are_told_with_their_places_and_leave_no_trace()
    {
        var before = await _host.TracesAsync();

        var lines = await _host.Alice.PostAsync(
            "/v1/batches",
            Lines("\"a cat\"\n{\"prompt\":\"x\",\"width\":3}\n{", "application/jsonl")
        );
        var items = await _host.Alice.PostAsync(
            "/v1/batches",
            ApiClient.Text("""{"items":[{"prompt":"a"},{"prompt":"b","wdth":1}]}""")
        );
        var empty = await _host.Alice.PostAsync("/v1/batches", ApiClient.Text("""{"prompts":[]}"""));
        var none = await _host.Alice.PostAsync("/v1/batches", ApiClient.Text("{"));
        var other = await _host.Alice.PostAsync("/v1/batches", Lines("a,b", "text/csv"));

        Assert.Contains(
            "2 of 3 items have faults",
            lines.Error(HttpStatusCode.BadRequest, "line 2: width", "line 3"),
            StringComparison.Ordinal
        );
        items.Error(HttpStatusCode.BadRequest, "items[1]: wdth");
        empty.Error(HttpStatusCode.BadRequest, "prompts");
        none.Error(HttpStatusCode.BadRequest);
        other.Error(HttpStatusCode.UnsupportedMediaType);
        Assert.Equal(before, await _host.TracesAsync());
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        var large = "\"" + new string('x', 17 * 1024 * 1024) + "\"";

        (await _host.Alice.PostAsync("/v1/batches", Lines(large, "application/jsonl"))).Error(
            HttpStatusCode.RequestEntityTooLarge
        );
        (await _host.Alice.PostAsync("/v1/batches", ApiClient.Text(large))).Error(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task The_same_key_is_the_same_batch_and_not_another()
    {
        var key = ("Idempotency-Key", "batch-1");

        var first = await _host.Alice.PostAsync("/v1/batches", Prompts("a cat"), key);
        var again = await _host.Alice.PostAsync("/v1/batches", Prompts("a cat"), key);
        var other = await _host.Alice.PostAsync("/v1/batches", Prompts("a dog"), key);

        Assert.Equal(ApiClient.IdOf(first.Json), ApiClient.IdOf(again.Json));
        Assert.Equal((false, true), (first.IsReplayed, again.IsReplayed));
        other.Error(HttpStatusCode.UnprocessableEntity);
        await EndAsync(ApiClient.IdOf(first.Json));
    }

    [Fact]
    public async Task Batches_are_each_callers_own_and_only_ended_ones_are_deleted()
    {
        await using var slow = await ApiHost.StartAsync(emulate: e => e.RunTime = TimeSpan.FromHours(1));
        var id = ApiClient.IdOf((await slow.Alice.PostAsync("/v1/batches", Prompts("a cat"))).Json);
        var path = $"/v1/batches/{id}";

        (await slow.Nobody.GetAsync(path)).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        (await slow.Bob.GetAsync(path)).Error(HttpStatusCode.NotFound);
        (await slow.Bob.GetAsync($"{path}/results")).Error(HttpStatusCode.NotFound);
        (await slow.Bob.PostAsync($"{path}/cancel", null)).Error(HttpStatusCode.NotFound);
        (await slow.Alice.GetAsync("/v1/batches/nonsense")).Error(HttpStatusCode.NotFound);
        Assert.Empty((await slow.Bob.GetAsync("/v1/batches")).Ok().Json["batches"]!.AsArray());
        var listed = (await slow.Alice.GetAsync("/v1/batches")).Ok().Json["batches"]!.AsArray();
        Assert.Equal(id, Assert.Single(listed)!["id"]!.GetValue<string>());
        (await slow.Alice.SendAsync(HttpMethod.Delete, path, null)).Error(HttpStatusCode.Conflict);
        await ApiClient.EventuallyAsync(() => Task.FromResult(slow.Emulator.Counts.CreatesBilled == 1), "it runs");

        Assert.NotNull((await slow.Alice.PostAsync($"{path}/cancel", null)).Ok().Json["cancel_requested_at"]);
        await ApiClient.EventuallyAsync(
            async () => ApiClient.StatusOf((await slow.Alice.GetAsync(path)).Ok().Json) == "canceled",
            "it is canceled"
        );

        Assert.Equal(1, slow.Emulator.Counts.Cancels);
        Assert.Equal(HttpStatusCode.NoContent, (await slow.Alice.SendAsync(HttpMethod.Delete, path, null)).Status);
        (await slow.Alice.GetAsync(path)).Error(HttpStatusCode.NotFound);
    }

    private static HttpContent Prompts(params string[] prompts)
    {
        var body = new JsonObject
        {
            ["input"] = new JsonObject { ["width"] = 256, ["height"] = 256 },
            ["prompts"] = new JsonArray([.. prompts.Select(p => JsonValue.Create(p))]),
        };
        return ApiClient.Text(body.ToJsonString());
    }

    private static StringContent Lines(string lines, string type)
    {
        var content = new StringContent(lines, Encoding.UTF8);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private async Task<JsonObject> EndAsync(string id)
    {
        JsonObject? seen = null;
        await ApiClient.EventuallyAsync(
            async () =>
            {
                seen = (await _host.Alice.GetAsync($"/v1/batches/{id}")).Ok().Json;
                return ApiClient.StatusOf(seen) != "processing";
            },
            $"batch {id} ends"
        );
        return seen!;
    }

    private async Task<List<JsonObject>> ResultsAsync(JsonObject batch)
    {
        var answer = await _host.Alice.GetAsync(new Uri(batch["urls"]!["results"]!.GetValue<string>()).PathAndQuery);
        Assert.Equal((HttpStatusCode.OK, "application/jsonl"), (answer.Status, answer.ContentType));
        return
        [
            .. answer
                .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => JsonNode.Parse(l)!.AsObject()),
        ];
    }
}
