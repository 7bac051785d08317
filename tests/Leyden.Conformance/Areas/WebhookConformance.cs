using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class WebhookConformance<THost>(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G";

    [Fact]
    public async Task The_end_is_told_with_the_prediction_as_a_read_shows_it()
    {
        var inbox = await OpenAsync();

        var prediction = await Alice.SucceededAsync(Body.To(inbox, "a cat"));

        var webhook = (await inbox.UntilAsync(1))[0];
        Assert.Equal("application/json", webhook.Headers["Content-Type"]);
        Assert.Equal("prediction.succeeded", webhook.Type);
        Assert.True(DateTimeOffset.TryParse((string?)webhook.Json["timestamp"], out _), $"{webhook.Json["timestamp"]}");
        foreach (var (member, value) in prediction.Where(m => m.Key is not ("output" or "urls")))
        {
            Assert.True(JsonNode.DeepEquals(value, webhook.Json[member]), $"{member}: {webhook.Json[member]}");
        }

        // A host may be known by another name than the one it was called by.
        var self = (string)webhook.Json["urls"]!["get"]!;
        Assert.EndsWith($"/v1/prediction/{prediction["id"]}", self, StringComparison.Ordinal);
        (await Alice.GetAsync(new Uri(self).PathAndQuery)).Ok();
        (await Nobody.GetAsync((string)webhook.Json["output"]!)).Ok();
        Assert.NotEmpty(webhook.Headers["webhook-signature"]);
        Assert.False(webhook.Headers.ContainsKey("X-Webhook-Secret"));
    }

    [Theory]
    [InlineData(Key)]
    [InlineData("a secret of one's own")]
    public async Task The_signature_holds_for_the_library_of_Standard_Webhooks_and_the_secret_comes_as_Eachlabs_sends_it(
        string secret
    )
    {
        var inbox = await OpenAsync();

        await Alice.AcceptedAsync(Body.To(inbox, "a cat 🐈", ("webhook_secret", secret)));

        var webhook = (await inbox.UntilAsync(1))[0];
        Assert.Equal(secret, webhook.Headers["X-Webhook-Secret"]);
        await StandardWebhooks.VerifyAsync(webhook, secret);
        await StandardWebhooks.RefuseChangedAsync(webhook, secret);
    }

    [Fact]
    public async Task Start_and_end_come_in_order_when_both_are_asked_for()
    {
        var inbox = await OpenAsync();

        await Alice.AcceptedAsync(
            Body.To(inbox, "a cat", ("webhook_events_filter", new JsonArray("start", "completed")))
        );

        var webhooks = await inbox.UntilAsync(2);
        Assert.Equal(
            ["prediction.started", "prediction.succeeded"],
            webhooks.DistinctBy(w => w.Id).Select(w => w.Type)
        );
    }

    [Fact]
    public async Task A_failure_is_told_with_its_code()
    {
        _ = Emulator;
        var inbox = await OpenAsync();

        await Alice.AcceptedAsync(Body.To(inbox, "a cat [[fault:nsfw]]"));

        var webhook = (await inbox.UntilAsync(1))[0];
        Assert.Equal("prediction.failed", webhook.Type);
        Assert.Equal("error", (string?)webhook.Json["status"]);
        Assert.Equal("nsfw", (string?)webhook.Json["error_code"]);
    }

    [Fact]
    public async Task A_cancel_is_told()
    {
        _ = Emulator;
        var inbox = await OpenAsync();
        var id = await Alice.AcceptedAsync(Body.To(inbox, "a cat [[run-time:60000]]"));

        (await Alice.CancelAsync(id)).Ok();

        var webhook = (await inbox.UntilAsync(1))[0];
        Assert.Equal("prediction.canceled", webhook.Type);
        Assert.Equal(id, (string?)webhook.Json["id"]);
    }

    [Fact]
    public async Task What_was_not_taken_comes_again_under_the_same_id_with_a_signature_of_its_own()
    {
        var inbox = await OpenAsync(number => number == 1 ? 500 : 204);

        await Alice.AcceptedAsync(Body.To(inbox, "a cat", ("webhook_secret", Key)));

        var webhooks = await inbox.UntilAsync(2);
        Assert.Equal(webhooks[0].Id, webhooks[1].Id);
        Assert.NotEqual(webhooks[0].Headers["webhook-timestamp"], webhooks[1].Headers["webhook-timestamp"]);
        await StandardWebhooks.VerifyAsync(webhooks[1], Key);
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("nowhere")]
    [InlineData("")]
    [InlineData("http://user:password@example.com/")]
    [InlineData("http://example.com/#part")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://172.16.0.1/")]
    [InlineData("http://192.168.1.1/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://100.64.0.1/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://[::]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[fc00::1]/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://0xA9FEA9FE/")]
    [InlineData("http://2852039166/")]
    [InlineData("http://metadata.google.internal/")]
    public async Task An_address_that_is_not_of_the_public_internet_is_refused_by_name(string url) =>
        (await Alice.CreateAsync(Body.With(Body.Of("a cat"), ("webhook_url", url)))).Error(
            HttpStatusCode.BadRequest,
            "webhook_url"
        );

    [Fact]
    public async Task Members_that_can_not_be_are_refused_by_name()
    {
        const string url = "https://example.com/";
        var body = Body.Of("a cat");

        (await Alice.CreateAsync(Body.With(body, ("webhook_secret", "s")))).Error(
            HttpStatusCode.BadRequest,
            "webhook_secret"
        );
        (await Alice.CreateAsync(Body.With(body, ("webhook_url", url), ("webhook_secret", "whsec_short")))).Error(
            HttpStatusCode.BadRequest,
            "webhook_secret"
        );
        (
            await Alice.CreateAsync(
                Body.With(body, ("webhook_url", url), ("webhook_events_filter", new JsonArray("logs")))
            )
        ).Error(HttpStatusCode.BadRequest, "webhook_events_filter");
    }

    private Task<Inbox> OpenAsync(Func<int, int>? answer = null) => OpenAsync(receiver, answer);
}
