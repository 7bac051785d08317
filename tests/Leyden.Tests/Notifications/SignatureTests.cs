using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.TestSupport;

namespace Leyden.Tests.Notifications;

/// <summary>Signatures as the library that receivers use judges them: the npm package <c>standardwebhooks</c>.</summary>
public sealed class SignatureTests
{
    private const string First = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string Second = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(First, false)]
    [InlineData("a plain text of a caller's choice", true)]
    public async Task A_delivery_with_the_creators_secret_verifies(string secret, bool raw)
    {
        var (received, _) = await DeliverAsync(secret);

        Assert.Equal("ok", await VerifyAsync(received, secret, raw));
        Assert.Equal(secret, received.Headers[WebhookChannel.VerbatimSecretHeader]);
        Assert.NotEqual("ok", await VerifyAsync(received, Second, raw: false));
    }

    [Fact]
    public async Task A_delivery_without_one_verifies_with_the_owners_default_secret()
    {
        var (received, key) = await DeliverAsync(secret: null);

        Assert.Equal("ok", await VerifyAsync(received, key, raw: false));
        Assert.False(received.Headers.ContainsKey(WebhookChannel.VerbatimSecretHeader));
    }

    [Fact]
    public async Task What_was_changed_on_the_way_does_not_verify()
    {
        var (received, _) = await DeliverAsync(First);

        var otherBody = received with
        {
            Body = [.. received.Body.AsSpan(0, received.Body.Length - 1), (byte)' ', (byte)'}'],
        };
        Assert.NotEqual("ok", await VerifyAsync(otherBody, First, raw: false));
        Assert.NotEqual("ok", await VerifyAsync(With(received, "webhook-id", "msg_other"), First, raw: false));
        Assert.NotEqual("ok", await VerifyAsync(With(received, "webhook-timestamp", "1"), First, raw: false));
        Assert.NotEqual("ok", await VerifyAsync(With(received, "webhook-signature", "v1,AAAA"), First, raw: false));
    }

    [Fact]
    public async Task While_a_secret_is_replaced_receivers_with_either_verify()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync(
            settings:
            [
                ("Leyden:Webhooks:Endpoints:Shop:Url", receiver.Url),
                ("Leyden:Webhooks:Endpoints:Shop:Secret", $"{First}, {Second}"),
                ("Leyden:Webhooks:Endpoints:Shop:Events", "succeeded"),
            ]
        );

        var ended = await world.RunAsync();
        await world.QuietAsync(ended.Id, "endpoint-shop");
        var received = receiver.Requests.Single();

        Assert.Equal("ok", await VerifyAsync(received, First, raw: false));
        Assert.Equal("ok", await VerifyAsync(received, Second, raw: false));
        Assert.Equal(2, received.Headers["webhook-signature"].Split(' ').Length);
        Assert.Equal(["type", "timestamp", "data"], received.Json.Select(m => m.Key));
        Assert.Equal(ended.Id.Value, (string?)received.Json["data"]!["id"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" blank at the start")]
    [InlineData("line\nbreak")]
    [InlineData("Grüße")]
    [InlineData("whsec_")]
    [InlineData("whsec_AAAA")]
    [InlineData("whsec_not base64")]
    [InlineData(
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )]
    public void What_is_no_secret_is_refused_and_not_repeated(string text)
    {
        Assert.False(WebhookSecret.TryParse(text, out _, out var problem));
        Assert.True(text.Length < 7 || !problem.Contains(text, StringComparison.Ordinal));
    }

    private static async Task<(Received Received, string DefaultKey)> DeliverAsync(string? secret)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync(
            DeliveryWorld.Request(receiver.Url, secret, PredictionEventWords.Ends, prompt: "Grüße, 猫 🐈")
        );
        await world.QuietAsync(ended.Id);
        var key = await world.Get<WebhookSecrets>().DefaultOfAsync(Owner.Local, Stop);
        Assert.DoesNotContain(secret ?? key.Reveal(), receiver.Requests.Single().Text, StringComparison.Ordinal);
        return (receiver.Requests.Single(), key.Reveal());
    }

    private static Received With(Received received, string header, string value) =>
        received with
        {
            Headers = new Dictionary<string, string>(received.Headers, StringComparer.OrdinalIgnoreCase)
            {
                [header] = value,
            },
        };

    private static async Task<string> VerifyAsync(Received received, string secret, bool raw)
    {
        var folder = Folder();
        await NodeTools.InstallAsync(folder, Stop);
        using var node = NodeTools.Start(folder, "verify.mjs");
        var request = new JsonObject
        {
            ["secret"] = secret,
            ["raw"] = raw,
            ["headers"] = new JsonObject(
                received.Headers.Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)h.Value))
            ),
            ["body"] = Convert.ToBase64String(received.Body),
        };
        await node.StandardInput.WriteLineAsync(request.ToJsonString());
        node.StandardInput.Close();
        var verdict = await node.StandardOutput.ReadLineAsync(Stop);
        await node.WaitForExitAsync(Stop);
        return verdict ?? await node.StandardError.ReadToEndAsync(Stop);
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "node");
}
