using System.Text.Json.Nodes;
using Leyden.Notifications;
using Leyden.Predictions;

namespace Leyden.Api.Webhooks;

/// <summary>Deliveries as callers and the command line show them: addresses without query strings, no secrets.</summary>
public static class DeliveryJson
{
    /// <summary>One target of a prediction, with its events and attempts.</summary>
    public static JsonObject Write(DeliveryLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new()
        {
            ["target"] = log.Target,
            ["kind"] = Kind(log.Kind),
            ["address"] = log.Address,
            ["state"] = Word(log.State),
            ["events"] = new JsonArray([.. log.Entries.Select(Write)]),
        };
    }

    /// <summary>The same with the prediction that it belongs to.</summary>
    public static JsonObject Write(PredictionId id, DeliveryLog log)
    {
        var json = Write(log);
        json.Insert(0, "prediction", id.Value);
        return json;
    }

    /// <summary>A configured target.</summary>
    public static JsonObject Write(ConfiguredTarget configured)
    {
        ArgumentNullException.ThrowIfNull(configured);
        return new()
        {
            ["name"] = configured.Target.Name,
            ["kind"] = Kind(configured.Target.Kind),
            ["address"] = configured.Target.ShownAddress,
            ["events"] = new JsonArray([.. configured.Events.Select(e => (JsonNode)e.Word())]),
            ["state"] = Word(configured.OutOfService?.State ?? TargetState.Active),
            ["since"] = configured.OutOfService?.Since,
        };
    }

    /// <summary>The word for where a delivery stands.</summary>
    public static string Word(DeliveryState state) =>
        state switch
        {
            DeliveryState.Pending => "pending",
            DeliveryState.Delivered => "delivered",
            DeliveryState.Parked => "parked",
            DeliveryState.Gone => "gone",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };

    /// <summary>The word for whether a target is served.</summary>
    public static string Word(TargetState state) =>
        state switch
        {
            TargetState.Active => "active",
            TargetState.Parked => "parked",
            TargetState.Gone => "gone",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };

    private static JsonObject Write(DeliveryEntry entry) =>
        new()
        {
            ["type"] = $"prediction.{entry.Event.Word()}",
            ["webhook_id"] = entry.MessageId,
            ["timestamp"] = entry.At,
            ["state"] = Word(entry.State),
            ["next_attempt_at"] = entry.NextAttempt,
            ["attempt_count"] = entry.AttemptCount,
            ["attempts"] = new JsonArray([.. entry.Attempts.Select(Write)]),
        };

    private static JsonObject Write(DeliveryAttempt attempt) =>
        new()
        {
            ["at"] = attempt.At,
            ["status"] = attempt.Status,
            ["duration_ms"] = attempt.Milliseconds,
            ["fault"] = attempt.Fault,
            ["answer"] = attempt.Answer,
        };

    private static string Kind(ChannelKind kind) =>
        kind switch
        {
            ChannelKind.Webhook => "webhook",
            ChannelKind.Queue => "queue",
            ChannelKind.EventGrid => "event_grid",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
}
