using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Tests.Webhooks;

/// <summary>Webhooks as a caller of the API sees them.</summary>
public sealed class WebhookApiTests : IAsyncLifetime
{
    private const string Secret = "secret-of-the-webhook-that-no-answer-shows";
    private readonly ConcurrentQueue<JsonObject> _received = new();
    private ApiHost _host = null!;
    private WebApplication _receiver = null!;
    private int _status = StatusCodes.Status204NoContent;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Url => $"{_receiver.Urls.Single()}/hook?token=hidden";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.Run(async context =>
        {
            _received.Enqueue((await JsonNode.ParseAsync(context.Request.Body))!.AsObject());
            context.Response.StatusCode = _status;
        });
        await _receiver.StartAsync(Stop);
        _host = await ApiHost.StartAsync([
            ("Leyden:Webhooks:Schedule", "0s,0.05s"),
            ("Leyden:PublicBaseUrl", "https://leyden.test.dev"),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task The_webhook_gets_what_a_read_answers_with_type_and_timestamp()
    {
        var ended = await _host.Alice.SucceededAsync(Body());
        await DeliveredAsync(_host.Alice, ApiClient.IdOf(ended), "delivered");

        var told = Assert.Single(_received);
        var read = await _host.Alice.ReadAsync(ApiClient.IdOf(ended));
        Assert.Equal("prediction.succeeded", (string?)told["type"]);
        Assert.Equal([.. read.Select(m => m.Key), "type", "timestamp"], told.Select(m => m.Key));
        foreach (var (name, value) in read.Where(m => m.Key != "output")) // links are signed anew for each reader
        {
            Assert.Equal(value?.ToJsonString(), told[name]?.ToJsonString());
        }

        Assert.StartsWith("https://leyden.test.dev/outputs/", (string?)told["output"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliveries_are_listed_with_their_attempts_and_without_secrets_to_the_owner_alone()
    {
        _status = 500;
        var id = ApiClient.IdOf(await _host.Alice.SucceededAsync(Body()));
        var delivery = await DeliveredAsync(_host.Alice, id, "parked");
        var text = (await _host.Alice.GetAsync($"/v1/prediction/{id}/deliveries")).Ok().Text;

        var attempts = delivery["events"]![0]!["attempts"]!.AsArray();
        Assert.Equal([500, 500], attempts.Select(a => (int)a!["status"]!));
        Assert.Equal("parked", (string?)delivery["state"]);
        Assert.Equal(Url.Split('?')[0], (string?)delivery["address"]);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Bob.GetAsync($"/v1/prediction/{id}/deliveries")).Status);
        Assert.Single((await _host.Alice.GetAsync("/v1/deliveries?state=parked")).Ok().Json["deliveries"]!.AsArray());
        Assert.Empty((await _host.Bob.GetAsync("/v1/deliveries?state=parked")).Ok().Json["deliveries"]!.AsArray());
    }

    [Fact]
    public async Task A_redelivery_tells_again_for_the_owner_alone()
    {
        _status = 500;
        var id = ApiClient.IdOf(await _host.Alice.SucceededAsync(Body()));
        await DeliveredAsync(_host.Alice, id, "parked");
        _status = 200;
        var path = $"/v1/prediction/{id}/deliveries/webhook/redeliver";

        Assert.Equal(HttpStatusCode.NotFound, (await _host.Bob.PostAsync(path, null)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _host.Alice.PostAsync($"{path}?event=x", null)).Status);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await _host.Alice.PostAsync($"/v1/prediction/{id}/deliveries/other/redeliver", null)).Status
        );
        Assert.Equal(HttpStatusCode.Accepted, (await _host.Alice.PostAsync(path, null)).Status);

        await DeliveredAsync(_host.Alice, id, "delivered");
        Assert.Equal(3, _received.Count);
    }

    [Fact]
    public async Task The_default_secret_is_the_callers_own_and_always_the_same()
    {
        var alice = (string?)(await _host.Alice.GetAsync("/v1/webhooks/default/secret")).Ok().Json["key"];
        var again = (string?)(await _host.Alice.GetAsync("/v1/webhooks/default/secret")).Ok().Json["key"];
        var bob = (string?)(await _host.Bob.GetAsync("/v1/webhooks/default/secret")).Ok().Json["key"];

        Assert.StartsWith("whsec_", alice, StringComparison.Ordinal);
        Assert.Equal(alice, again);
        Assert.NotEqual(alice, bob);
    }

    [Fact]
    public async Task The_secret_is_in_no_record_and_goes_with_the_prediction()
    {
        var id = ApiClient.IdOf(await _host.Alice.SucceededAsync(Body()));
        await DeliveredAsync(_host.Alice, id, "delivered");

        var files = FilesWithSecret();
        Assert.EndsWith("secret.json", Assert.Single(files), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await _host.Alice.DeleteAsync(id)).Status);
        Assert.Empty(FilesWithSecret());
    }

    [Fact]
    public async Task An_endpoint_that_is_not_configured_can_not_be_resumed()
    {
        Assert.Empty((await _host.Alice.GetAsync("/v1/webhooks/endpoints")).Ok().Json["endpoints"]!.AsArray());
        var answer = await _host.Alice.PostAsync("/v1/webhooks/endpoints/shop/resume", null);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
    }

    private List<string> FilesWithSecret() =>
        [
            .. Directory
                .EnumerateFiles(_host.Objects, "*.json", SearchOption.AllDirectories)
                .Where(file => File.ReadAllText(file).Contains(Secret, StringComparison.Ordinal)),
        ];

    private JsonObject Body()
    {
        var body = ApiClient.Body("a cat");
        body["webhook_url"] = Url;
        body["webhook_secret"] = Secret;
        return body;
    }

    private static async Task<JsonObject> DeliveredAsync(ApiClient caller, string id, string state)
    {
        JsonObject? delivery = null;
        await ApiClient.EventuallyAsync(
            async () =>
            {
                var listed = (await caller.GetAsync($"/v1/prediction/{id}/deliveries")).Ok().Json[
                    "deliveries"
                ]!.AsArray();
                delivery = listed.SingleOrDefault() as JsonObject;
                return (string?)delivery?["events"]?[0]?["state"] == state;
            },
            $"the delivery of {id} being {state}"
        );
        return delivery!;
    }
}
