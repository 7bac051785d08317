using System.Text.Json;

namespace Leyden.Backends.Container;

/// <summary>A prediction as Cog answers it, without its outputs.</summary>
/// <param name="Status"><c>succeeded</c>, <c>failed</c> or <c>canceled</c>; null when there is none.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Logs">What the model wrote.</param>
/// <param name="PredictTime">How long the model ran; null when it does not say.</param>
internal sealed record CogPrediction(string? Status, string? Error, string? Logs, TimeSpan? PredictTime)
{
    private const double LongestRunSeconds = 24 * 3600;

    public static CogPrediction Of(IReadOnlyDictionary<string, JsonElement> fields) =>
        new(
            TextOf(fields.GetValueOrDefault("status")),
            TextOf(fields.GetValueOrDefault("error")),
            TextOf(fields.GetValueOrDefault("logs")),
            TimeOf(fields.GetValueOrDefault("metrics"))
        );

    private static string? TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static TimeSpan? TimeOf(JsonElement metrics) =>
        metrics.ValueKind == JsonValueKind.Object
        && metrics.TryGetProperty("predict_time", out var time)
        && time.ValueKind == JsonValueKind.Number
        && time.GetDouble() is >= 0 and <= LongestRunSeconds and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
