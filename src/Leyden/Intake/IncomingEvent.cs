using System.Text.Json;

namespace Leyden.Intake;

/// <summary>An event from outside, whether it came as a CloudEvent or in Event Grid's own schema.</summary>
/// <param name="Id">The sender's id of it; unique together with <paramref name="Source"/>.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Type">What happened.</param>
/// <param name="Subject">To what; empty when it is not said.</param>
/// <param name="Data">The details.</param>
public sealed record IncomingEvent(string Id, string Source, string Type, string Subject, JsonElement Data)
{
    /// <summary>A blob was written.</summary>
    public const string BlobCreated = "Microsoft.Storage.BlobCreated";

    /// <summary>A prediction or a batch is asked for: the data is what a queue message would hold.</summary>
    public const string Requested = "leyden.prediction.requested";

    /// <summary>Event Grid asks whether we want its events.</summary>
    public const string Validation = "Microsoft.EventGrid.SubscriptionValidationEvent";

    /// <summary>By what repeats of the event are recognized.</summary>
    public string IdempotencyKey =>
        "event:"
        + Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Source}\n{Id}"))
        );

    /// <summary>Reads an event.</summary>
    /// <returns>The event; null when the element is none in either schema.</returns>
    public static IncomingEvent? Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var isCloudEvent = Text(element, "specversion") is "1.0";
        var source = Text(element, isCloudEvent ? "source" : "topic") ?? (isCloudEvent ? null : "");
        var type = Text(element, isCloudEvent ? "type" : "eventType");
        return Text(element, "id") is { Length: > 0 } id && source is not null && type is { Length: > 0 }
            ? new IncomingEvent(
                id,
                source,
                type,
                Text(element, "subject") ?? "",
                element.TryGetProperty("data", out var data) ? data : default
            )
            : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
