using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Leyden.Notifications;

namespace Leyden.Predictions;

/// <summary>A caller's wish for a prediction, as a dialect has read it.</summary>
public sealed record PredictionRequest
{
    /// <summary>Who asks.</summary>
    public required Owner Owner { get; init; }

    /// <summary>The model's slug.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version; null for the backend's default.</summary>
    public string? Version { get; init; }

    /// <summary>The model's input as the caller gave it.</summary>
    public required JsonObject Input { get; init; }

    /// <summary>The backend to run it; null or <c>auto</c> for the configured one.</summary>
    public string? Backend { get; init; }

    /// <summary>How long from now until it fails if it has not ended; null for the configured default.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// A word by which the caller recognizes this wish: the same word means the same prediction, however often it is sent.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Who asks to be told by an HTTP request; null for nobody.</summary>
    public WebhookWish? Webhook { get; init; }

    /// <summary>Who asks to be told by a message; null for nobody.</summary>
    public ReplyQueueWish? ReplyQueue { get; init; }

    /// <summary>The name under which faults of <see cref="Deadline"/> are reported; dialects have names of their own for it.</summary>
    public const string DeadlineField = "deadline";

    /// <summary>A digest of what is asked for, by which a key that is used for another wish is noticed.</summary>
    internal string Digest()
    {
        var wish = new JsonObject
        {
            ["model"] = Model,
            ["version"] = Version,
            ["backend"] = Backend,
            ["deadline"] = Deadline?.TotalSeconds,
            ["input"] = Sorted(Input),
        };
        if (Webhook is { } webhook)
        {
            wish["webhook"] = new JsonArray(webhook.Url, webhook.Secret, string.Join(',', webhook.Events));
        }

        if (ReplyQueue is { } reply)
        {
            wish["reply"] = new JsonArray(reply.Queue, reply.CorrelationId, string.Join(',', reply.Events));
        }

        using var content = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(content))
        {
            wish.WriteTo(writer);
        }

        return Convert.ToHexStringLower(SHA256.HashData(content.ToArray()));
    }

    private static JsonNode? Sorted(JsonNode? node) =>
        node switch
        {
            JsonObject o => new JsonObject(
                o.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, Sorted(f.Value)))
            ),
            JsonArray a => new JsonArray([.. a.Select(Sorted)]),
            _ => node?.DeepClone(),
        };
}

/// <summary>What became of a wish for a prediction.</summary>
public abstract record CreateOutcome
{
    private CreateOutcome() { }

    /// <summary>It is on its way, or has been for a while.</summary>
    /// <param name="Prediction">The prediction.</param>
    /// <param name="IsRepeat">Whether it was created by an earlier request with the same idempotency key.</param>
    public sealed record Created(Prediction Prediction, bool IsRepeat) : CreateOutcome;

    /// <summary>The wish has faults; nothing was stored.</summary>
    public sealed record Invalid(IReadOnlyList<InputError> Errors) : CreateOutcome;

    /// <summary>The idempotency key was used for another wish before.</summary>
    public sealed record KeyReused : CreateOutcome;
}
