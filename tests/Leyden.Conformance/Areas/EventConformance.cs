using System.Net.Http.Headers;
using System.Text;
using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class EventConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Path = "v1/events";
    private const string Requested = "leyden.prediction.requested";

    [Fact]
    public async Task The_handshake_of_Event_Grid_is_answered_without_a_key()
    {
        var asked = EventGrid(
            "Microsoft.EventGrid.SubscriptionValidationEvent",
            new() { ["validationCode"] = "code-17" }
        );

        var answer = await Nobody.PostAsync(
            Path,
            Caller.Text(new JsonArray(asked).ToJsonString()),
            ("aeg-event-type", "SubscriptionValidation")
        );

        Assert.Equal("code-17", (string?)answer.Ok().Json["validationResponse"]);
    }

    [Fact]
    public async Task The_handshake_of_CloudEvents_is_answered_without_a_key()
    {
        var allowed = await Nobody.SendAsync(
            HttpMethod.Options,
            Path,
            null,
            ("WebHook-Request-Origin", "eventgrid.azure.net")
        );

        Assert.Equal("eventgrid.azure.net", allowed.Ok().Headers.GetValues("WebHook-Allowed-Origin").Single());
        Assert.Contains("POST", allowed.ContentHeaders.Allow);
        (await Nobody.SendAsync(HttpMethod.Options, Path)).Error(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_wish_is_served_once_however_often_and_in_whatever_form_it_comes()
    {
        var emulator = Emulator;
        var body = Body.Of("a cat");
        var cloud = CloudEvent(body);
        var another = Body.Of("a dog");

        await TakenAsync(cloud, "application/cloudevents+json");
        await TakenAsync(cloud, "application/cloudevents+json");
        await TakenAsync(new JsonArray(cloud.DeepClone(), CloudEvent(another)), "application/cloudevents-batch+json");
        await TakenAsync(
            body,
            "application/json",
            ("ce-specversion", "1.0"),
            ("ce-id", (string)cloud["id"]!),
            ("ce-source", (string)cloud["source"]!),
            ("ce-type", Requested)
        );

        Assert.Equal("success", (string?)(await OfAsync(Alice, body))["status"]);
        Assert.Equal("success", (string?)(await OfAsync(Alice, another))["status"]);
        Assert.Equal(1, await emulator.BilledAsync(PromptOf(body)));
        Assert.Equal(1, await emulator.BilledAsync(PromptOf(another)));
    }

    [Fact]
    public async Task An_event_of_Event_Grid_is_a_wish_of_the_owner_of_the_key()
    {
        RequireKeys();
        var body = Body.Of("a cat");
        var wish = new JsonArray(EventGrid(Requested, body)).ToJsonString();

        (await Nobody.PostAsync(Path, Caller.Text(wish))).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        Assert.Equal(HttpStatusCode.OK, (await Bob.PostAsync(Path, Caller.Text(wish))).Status);

        var id = (string)(await OfAsync(Bob, body))["id"]!;
        (await Alice.GetAsync($"v1/prediction/{id}")).Error(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_wish_at_fault_is_refused_by_the_id_of_its_event_and_may_not_name_another_owner()
    {
        var blank = CloudEvent(Body.Exactly(" "));
        var foreign = CloudEvent(Body.With(Body.Of("a cat"), ("owner", "somebody")));

        (await PostAsync(blank)).Error(HttpStatusCode.BadRequest, (string)blank["id"]!);
        (await PostAsync(foreign)).Error(HttpStatusCode.BadRequest, (string)foreign["id"]!);
    }

    [Fact]
    public async Task Events_of_other_kinds_are_taken_and_lead_to_nothing() =>
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(EventGrid("Microsoft.Storage.BlobDeleted", []))).Status);

    [Theory]
    [InlineData("7")]
    [InlineData("""{"id":"1"}""")]
    [InlineData("""[{"specversion":"0.3","id":"1","source":"/a","type":"b"}]""")]
    public async Task What_is_no_event_is_refused(string body) =>
        (await Alice.PostAsync(Path, Caller.Text(body))).Error(HttpStatusCode.BadRequest);

    private static JsonObject CloudEvent(JsonObject data) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = Body.Unique,
            ["source"] = "/conformance",
            ["type"] = Requested,
            ["data"] = data.DeepClone(),
        };

    private static JsonObject EventGrid(string type, JsonObject data) =>
        new()
        {
            ["id"] = Body.Unique,
            ["topic"] = "/subscriptions/conformance",
            ["subject"] = "",
            ["eventType"] = type,
            ["eventTime"] = "2026-01-01T00:00:00Z",
            ["data"] = data.DeepClone(),
            ["dataVersion"] = "1",
        };

    private static string PromptOf(JsonObject body) => (string)body["input"]!["prompt"]!;

    private Task<Answer> PostAsync(JsonNode body) => Alice.PostAsync(Path, Caller.Text(body.ToJsonString()));

    private async Task TakenAsync(JsonNode body, string type, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        var answer = await Alice.PostAsync(Path, content, headers);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status}: {answer.Text}");
    }

    /// <summary>Waits for the end of the prediction that has the prompt of a body.</summary>
    private static async Task<JsonObject> OfAsync(Caller caller, JsonObject body)
    {
        string? id = null;
        await Caller.EventuallyAsync(
            async () =>
            {
                var page = (await caller.GetAsync("v1/predictions?limit=100")).Ok().Json;
                var found = page["predictions"]!
                    .AsArray()
                    .SingleOrDefault(p => (string?)p!["input"]!["prompt"] == PromptOf(body));
                id = (string?)found?["id"];
                return id is not null;
            },
            $"a prediction of {PromptOf(body)}"
        );
        return await caller.EndAsync(id!);
    }
}
