using System.Net.Http.Headers;
using System.Text;
using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class BatchConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Path = "v1/batches";

    [Fact]
    public async Task Prompts_are_run_as_predictions_and_the_results_lead_to_the_pictures()
    {
        string[] prompts = [$"a cat {Body.Unique}", $"a dog {Body.Unique}", $"a fox {Body.Unique}"];

        var submitted = (await SubmitAsync(Form(prompts))).Is(HttpStatusCode.Accepted).Json;

        Assert.Equal(3, (int)submitted["counts"]!["total"]!);
        var batch = await UntilAsync(submitted, "completed");
        Assert.Equal(3, (int)batch["counts"]!["succeeded"]!);
        Assert.Equal(3, (int)batch["counts"]!["finished"]!);
        Assert.True((DateTimeOffset)batch["created_at"]! <= (DateTimeOffset)batch["completed_at"]!);
        var results = await ResultsAsync(batch);
        Assert.Equal([0, 1, 2], results.Select(r => (int)r["index"]!));
        Assert.All(results, r => Assert.Equal("success", (string?)r["status"]));
        foreach (var (index, result) in results.Index())
        {
            var prediction = await Alice.ReadAsync((string)result["id"]!);
            Assert.Equal(prompts[index], (string?)prediction["input"]!["prompt"]);
            Assert.Equal(256, (int)prediction["input"]!["width"]!);
            (await Nobody.GetAsync((string)result["output"]!)).Ok();
        }
    }

    [Theory]
    [InlineData("application/jsonl")]
    [InlineData("application/x-ndjson")]
    public async Task Lines_may_differ_and_each_ends_in_its_own_way(string type)
    {
        _ = Emulator;
        string[] lines = [Line("a cat", 256), Line("a dog [[fault:nsfw]]", 256), "", Line("a fox", 256), ""];

        var submitted = await Alice.PostAsync(Path, Lines(type, lines));

        var batch = await UntilAsync(submitted.Is(HttpStatusCode.Accepted).Json, "completed");
        Assert.Equal((2, 1), ((int)batch["counts"]!["succeeded"]!, (int)batch["counts"]!["failed"]!));
        var results = await ResultsAsync(batch);
        Assert.Equal(["success", "error", "success"], results.Select(r => (string?)r["status"]));
        Assert.Equal("nsfw", (string?)results[1]["error_code"]);
    }

    [Fact]
    public async Task More_items_than_one_step_takes_are_each_run_once()
    {
        var emulator = Emulator;
        var prompts = Enumerable.Range(0, 45).Select(i => $"cat {i} {Body.Unique}").ToList();

        var submitted = await SubmitAsync(Form(prompts));

        var batch = await UntilAsync(submitted.Is(HttpStatusCode.Accepted).Json, "completed");
        Assert.Equal(45, (int)batch["counts"]!["succeeded"]!);
        Assert.Equal(45, (await ResultsAsync(batch)).Select(r => (string?)r["id"]).Distinct().Count());
        var billed = (await emulator.CountersAsync())["billed_by_prompt"]!;
        Assert.All(prompts, prompt => Assert.Equal(1, (int)billed[prompt]!));
    }

    [Fact]
    public async Task Faults_are_told_with_their_places_and_nothing_is_started()
    {
        var emulator = Emulator;
        var good = Line("a cat", 256);

        var lines = await Alice.PostAsync(Path, Lines("application/jsonl", [good, Line("a dog", 3), "{"]));
        var items = await SubmitAsync(
            new JsonObject { ["items"] = new JsonArray(JsonNode.Parse(good), new JsonObject { ["promt"] = "a dog" }) }
        );

        lines.Is(HttpStatusCode.BadRequest);
        Assert.Equal(["line 2: width", "line 3"], Fields(lines));
        items.Is(HttpStatusCode.BadRequest);
        Assert.All(Fields(items), field => Assert.StartsWith("items[1]: ", field, StringComparison.Ordinal));
        (await SubmitAsync(new JsonObject { ["prompts"] = new JsonArray() })).Error(
            HttpStatusCode.BadRequest,
            "prompts"
        );
        (await Alice.PostAsync(Path, Lines("text/csv", ["a,b"]))).Error(HttpStatusCode.UnsupportedMediaType);
        Assert.Equal(0, await emulator.BilledAsync((string)JsonNode.Parse(good)!["prompt"]!));
    }

    [Fact]
    public async Task A_cancel_stops_what_runs_and_an_ended_batch_can_be_deleted_its_predictions_stay()
    {
        _ = Emulator;
        var quick = $"a cat {Body.Unique}";
        var slow = Enumerable.Range(0, 3).Select(i => $"cat {i} {Body.Unique} [[fault:never-finish]]");
        var submitted = (await SubmitAsync(Form([quick, .. slow]))).Is(HttpStatusCode.Accepted).Json;
        var url = Self(submitted);
        (await Alice.SendAsync(HttpMethod.Delete, url)).Error(HttpStatusCode.Conflict);

        (await Alice.PostAsync($"{url}/cancel", null)).Ok();

        var batch = await UntilAsync(submitted, "canceled");
        Assert.Equal(4, (int)batch["counts"]!["finished"]!);
        Assert.InRange((int)batch["counts"]!["canceled"]!, 3, 4);
        (await Alice.PostAsync($"{url}/cancel", null)).Ok();
        var ids = (await ResultsAsync(batch)).Select(r => (string?)r["id"]).OfType<string>().ToList();
        (await Alice.SendAsync(HttpMethod.Delete, url)).Is(HttpStatusCode.NoContent);
        (await Alice.GetAsync(url)).Error(HttpStatusCode.NotFound);
        await Assert.AllAsync(ids, Alice.EndAsync);
    }

    [Fact]
    public async Task What_has_ended_can_not_be_canceled()
    {
        var submitted = (await SubmitAsync(Form([$"a cat {Body.Unique}"]))).Is(HttpStatusCode.Accepted).Json;
        await UntilAsync(submitted, "completed");

        (await Alice.PostAsync($"{Self(submitted)}/cancel", null)).Error(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_same_key_is_the_same_batch_and_not_another()
    {
        var key = ("Idempotency-Key", Body.Unique);
        var form = Form([$"a cat {Body.Unique}"]);

        var first = (await SubmitAsync(form, key)).Is(HttpStatusCode.Accepted);
        var again = (await SubmitAsync(form, key)).Is(HttpStatusCode.Accepted);
        var other = await SubmitAsync(Form([$"a dog {Body.Unique}"]), key);

        Assert.Equal((string?)first.Json["id"], (string?)again.Json["id"]);
        Assert.Equal((false, true), (first.IsReplayed, again.IsReplayed));
        other.Error(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Batches_are_each_callers_own()
    {
        RequireKeys();
        var submitted = (await SubmitAsync(Form([$"a cat {Body.Unique}"]))).Is(HttpStatusCode.Accepted).Json;
        var url = Self(submitted);

        Assert.Contains((string)submitted["id"]!, await ListedAsync(Alice));
        Assert.DoesNotContain((string)submitted["id"]!, await ListedAsync(Bob));
        (await Bob.GetAsync(url)).Error(HttpStatusCode.NotFound);
        (await Bob.GetAsync($"{url}/results")).Error(HttpStatusCode.NotFound);
        (await Bob.PostAsync($"{url}/cancel", null)).Error(HttpStatusCode.NotFound);
        (await Bob.SendAsync(HttpMethod.Delete, url)).Error(HttpStatusCode.NotFound);
        (await Nobody.GetAsync(url)).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        (await Alice.GetAsync($"{Path}/nonsense")).Error(HttpStatusCode.NotFound);
        await UntilAsync(submitted, "completed");
    }

    private static JsonObject Form(IEnumerable<string> prompts) =>
        new()
        {
            ["model"] = Body.Model,
            ["input"] = new JsonObject { ["width"] = 256, ["height"] = 256 },
            ["prompts"] = new JsonArray([.. prompts.Select(prompt => (JsonNode)prompt)]),
        };

    private static string Line(string prompt, int width) => Body.Of(prompt, ("width", width))["input"]!.ToJsonString();

    private static ByteArrayContent Lines(string type, IEnumerable<string> lines) =>
        new(Encoding.UTF8.GetBytes(string.Join('\n', lines)))
        {
            Headers = { ContentType = new MediaTypeHeaderValue(type) },
        };

    private static IEnumerable<string?> Fields(Answer answer) =>
        answer.Json["errors"]!.AsArray().Select(error => (string?)error!["field"]);

    private static string Self(JsonObject batch) => $"{Path}/{batch["id"]}";

    private static async Task<IReadOnlyList<string?>> ListedAsync(Caller caller)
    {
        var page = (await caller.GetAsync($"{Path}?limit=100")).Ok().Json;
        return [.. page["batches"]!.AsArray().Select(batch => (string?)batch!["id"])];
    }

    private Task<Answer> SubmitAsync(JsonObject form, params (string Name, string Value)[] headers) =>
        Alice.PostAsync(Path, Caller.Text(form.ToJsonString()), headers);

    private async Task<JsonObject> UntilAsync(JsonObject batch, string status)
    {
        JsonObject seen = batch;
        await Caller.EventuallyAsync(
            async () =>
            {
                seen = (await Alice.GetAsync(Self(batch))).Ok().Json;
                Assert.True((string)seen["status"]! is "processing" || (string)seen["status"]! == status, $"{seen}");
                return (string)seen["status"]! == status;
            },
            $"batch {batch["id"]} being {status}"
        );
        return seen;
    }

    private async Task<IReadOnlyList<JsonObject>> ResultsAsync(JsonObject batch)
    {
        var answer = (await Alice.GetAsync((string)batch["urls"]!["results"]!)).Ok();
        Assert.Equal("application/jsonl", answer.ContentHeaders.ContentType?.MediaType);
        var lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}
