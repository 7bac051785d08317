using System.Reflection;
using System.Text;
using Leyden.Conformance.Hosts;
using Leyden.TestSupport;

namespace Leyden.Conformance;

/// <summary>The library of Standard Webhooks for Node, which receivers use, as the judge of our signatures.</summary>
internal static class StandardWebhooks
{
    private static readonly string Folder = typeof(StandardWebhooks)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "WebhookClient")
        .Value!;

    /// <summary>Expects that the library takes a webhook for genuine.</summary>
    public static async Task VerifyAsync(Webhook webhook, string secret) =>
        Assert.Equal("", await ProblemAsync(webhook, webhook.Body, secret));

    /// <summary>Expects that the library refuses it once its body has been changed, and with another secret.</summary>
    /// <remarks>Another secret is not one with zeros behind it: HMAC fills short keys up with those itself.</remarks>
    public static async Task RefuseChangedAsync(Webhook webhook, string secret)
    {
        Assert.Contains(
            "signature",
            await ProblemAsync(webhook, [.. webhook.Body, (byte)' '], secret),
            StringComparison.Ordinal
        );
        await RefuseAsync(webhook, secret + "BBBB");
    }

    /// <summary>Expects that the library refuses it with another secret.</summary>
    public static async Task RefuseAsync(Webhook webhook, string secret) =>
        Assert.Contains("signature", await ProblemAsync(webhook, webhook.Body, secret), StringComparison.Ordinal);

    private static async Task<string> ProblemAsync(Webhook webhook, byte[] body, string secret)
    {
        var stop = TestContext.Current.CancellationToken;
        await NodeTools.InstallAsync(Folder, stop);
        using var node = NodeTools.Start(Folder, "verify.mjs");
        var question = new JsonObject
        {
            ["secret"] = secret,
            ["format"] = secret.StartsWith("whsec_", StringComparison.Ordinal) ? null : "raw",
            ["headers"] = new JsonObject(
                webhook
                    .Headers.Where(h => h.Key.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase))
                    .Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)h.Value))
            ),
            ["body"] = Encoding.UTF8.GetString(body),
        };
        await node.StandardInput.WriteAsync(question.ToJsonString());
        node.StandardInput.Close();
        var output = node.StandardOutput.ReadToEndAsync(stop);
        var errors = node.StandardError.ReadToEndAsync(stop);
        await node.WaitForExitAsync(stop).WaitAsync(Caller.Patience, TimeProvider.System, stop);
        return node.ExitCode == 0 ? "" : await output + await errors;
    }
}
