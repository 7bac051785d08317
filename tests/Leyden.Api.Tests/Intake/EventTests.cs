using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Storage;

namespace Leyden.Api.Tests.Intake;

public sealed class EventTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Path = "/v1/events";
    private readonly ApiHost _host = fixture.Host;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_grids_handshake_is_answered_without_a_key()
    {
        var answer = await _host.Nobody.PostAsync(
            Path,
            ApiClient.Text(
                """
                [{"id":"1","topic":"/subscriptions/x","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent",
                  "eventTime":"2026-01-01T00:00:00Z","data":{"validationCode":"code-17"},"dataVersion":"1"}]
                """
            ),
            ("aeg-event-type", "SubscriptionValidation")
        );

        Assert.Equal("code-17", answer.Ok().Json["validationResponse"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_handshake_of_cloud_events_is_answered_without_a_key()
    {
        var answer = await _host.Nobody.SendAsync(
            HttpMethod.Options,
            Path,
            null,
            ("WebHook-Request-Origin", "eventgrid.azure.net")
        );

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("eventgrid.azure.net", answer.Headers.GetValues("WebHook-Allowed-Origin").Single());
        (await _host.Nobody.SendAsync(HttpMethod.Options, Path, null)).Error(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Events_need_a_key_and_count_as_its_owners()
    {
        var wish = CloudEvent("keyed", "a cat").ToJsonString();

        (await _host.Nobody.PostAsync(Path, ApiClient.Text(wish))).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        Assert.Equal(HttpStatusCode.OK, (await _host.Bob.PostAsync(Path, ApiClient.Text(wish))).Status);

        var listed = (await _host.Bob.GetAsync("/v1/predictions")).Ok().Json["predictions"]!.AsArray();
        Assert.Equal("a cat", Assert.Single(listed)!["input"]!["prompt"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_event_starts_one_prediction_however_often_and_in_whatever_form_it_comes()
    {
        await using var host = await ApiHost.StartAsync();
        var whole = CloudEvent("e-1", "a dog");
        var batched = new JsonArray(whole.DeepClone(), CloudEvent("e-2", "a fox"));

        await AcceptedAsync(host, whole.ToJsonString(), "application/cloudevents+json");
        await AcceptedAsync(host, batched.ToJsonString(), "application/cloudevents-batch+json");
        await AcceptedAsync(
            host,
            whole["data"]!.ToJsonString(),
            "application/json",
            ("ce-specversion", "1.0"),
            ("ce-id", "e-1"),
            ("ce-source", "/tests"),
            ("ce-type", "leyden.prediction.requested")
        );

        var listed = (await host.Alice.GetAsync("/v1/predictions")).Ok().Json["predictions"]!.AsArray();
        Assert.Equal(["a dog", "a fox"], listed.Select(p => p!["input"]!["prompt"]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task An_upload_is_a_batch_and_other_blobs_are_nothing()
    {
        await using var host = await ApiHost.StartAsync();
        using var lines = new MemoryStream(Encoding.UTF8.GetBytes("\"a cat\"\n\"a dog\"\n"));
        var key = new ObjectKey("uploads/alice/pets.jsonl");
        await host.Get<IObjectStore>().PutAsync(key, lines, "application/jsonl", WriteCondition.None, Stop);

        await AcceptedAsync(host, BlobCreated("1", "leyden", "uploads/alice/pets.jsonl"), "application/json");
        await AcceptedAsync(host, BlobCreated("1", "leyden", "uploads/alice/pets.jsonl"), "application/json");
        await AcceptedAsync(host, BlobCreated("2", "leyden", "outputs/pets.jsonl"), "application/json");
        await AcceptedAsync(host, BlobCreated("3", "elsewhere", "uploads/alice/pets.jsonl"), "application/json");

        var batches = (await host.Alice.GetAsync("/v1/batches")).Ok().Json["batches"]!.AsArray();
        Assert.Equal(2, Assert.Single(batches)!["counts"]!["total"]!.GetValue<int>());
        var missing = await host.Alice.PostAsync(
            Path,
            ApiClient.Text(BlobCreated("4", "leyden", "uploads/alice/no.jsonl"))
        );
        missing.Error(HttpStatusCode.BadRequest, "4");
    }

    [Theory]
    [InlineData("uploads/alice/pets.jsonl")]
    [InlineData("uploads/pets.jsonl")]
    [InlineData("uploads/bob/../alice/pets.jsonl")]
    [InlineData("uploads/bobby/pets.jsonl")]
    public async Task An_upload_of_somebody_else_is_nobodys_batch(string name)
    {
        await using var host = await ApiHost.StartAsync();
        using var lines = new MemoryStream(Encoding.UTF8.GetBytes("\"a secret cat\"\n"));
        if (ObjectKey.TryParse(name, out var key))
        {
            await host.Get<IObjectStore>().PutAsync(key, lines, "application/jsonl", WriteCondition.None, Stop);
        }

        var named = await host.Bob.PostAsync(Path, ApiClient.Text(BlobCreated("1", "leyden", name)));
        var wished = CloudEvent("2", "a cat");
        wished["data"] = new JsonObject { ["batch"] = new JsonObject { ["blob"] = name } };
        var asked = await host.Bob.PostAsync(Path, ApiClient.Text(wished.ToJsonString()));

        Assert.Contains("uploads/bob/", named.Error(HttpStatusCode.BadRequest, "1"), StringComparison.Ordinal);
        Assert.Contains("uploads/bob/", asked.Error(HttpStatusCode.BadRequest, "2"), StringComparison.Ordinal);
        Assert.Empty((await host.Bob.GetAsync("/v1/batches")).Ok().Json["batches"]!.AsArray());
    }

    [Theory]
    [InlineData("7")]
    [InlineData("""{"id":"1"}""")]
    [InlineData("""[{"specversion":"0.3","id":"1","source":"/a","type":"b"}]""")]
    public async Task What_is_no_event_is_refused(string body) =>
        (await _host.Alice.PostAsync(Path, ApiClient.Text(body))).Error(HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_wish_at_fault_is_refused_and_may_not_name_another_owner()
    {
        var blank = CloudEvent("f-1", " ");
        var other = CloudEvent("f-2", "a cat");
        other["data"]!["owner"] = "bob";

        (await _host.Alice.PostAsync(Path, ApiClient.Text(blank.ToJsonString()))).Error(
            HttpStatusCode.BadRequest,
            "f-1"
        );
        (await _host.Alice.PostAsync(Path, ApiClient.Text(other.ToJsonString()))).Error(
            HttpStatusCode.BadRequest,
            "f-2"
        );
    }

    private static JsonObject CloudEvent(string id, string prompt) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = "/tests",
            ["type"] = "leyden.prediction.requested",
            ["data"] = ApiClient.Body(prompt),
        };

    private static string BlobCreated(string id, string container, string name) =>
        $$"""
            {"id":"{{id}}","topic":"/storage","eventType":"Microsoft.Storage.BlobCreated","eventTime":"2026-01-01T00:00:00Z",
             "subject":"/blobServices/default/containers/{{container}}/blobs/{{name}}","data":{},"dataVersion":"1"}
            """;

    private static async Task AcceptedAsync(
        ApiHost host,
        string body,
        string type,
        params (string Name, string Value)[] headers
    )
    {
        var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new(type);
        var answer = await host.Alice.PostAsync(Path, content, headers);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }
}
