using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Local.Records;

/// <summary>A prediction in words for people and as JSON for programs.</summary>
internal static class PredictionText
{
    /// <summary>Such as <c>succeeded</c>.</summary>
    public static string Word(PredictionStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>The moment on this machine's clock, sortable.</summary>
    public static string Moment(DateTimeOffset moment) =>
        moment.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Seconds with two digits; empty when there is no such time.</summary>
    public static string Seconds(TimeSpan? duration) =>
        duration?.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    /// <summary>The prompt in one line; empty when the model has none.</summary>
    public static string Prompt(Prediction prediction) =>
        (prediction.Input["prompt"]?.ToString() ?? "").ReplaceLineEndings(" ").Replace('\t', ' ');

    /// <summary>The file of a picture in a folder store; its key where pictures are in Blob Storage.</summary>
    public static string Place(ObjectKey key, DataFolder data)
    {
        var path = Path.Combine([data.Objects, .. key.Value.Split('/')]);
        return File.Exists(path) ? path : key.Value;
    }

    /// <summary>All that callers may know.</summary>
    public static JsonObject ToJson(Prediction prediction, DataFolder data)
    {
        var json = new JsonObject
        {
            ["id"] = prediction.Id.Value,
            ["status"] = Word(prediction.Status),
            ["owner"] = prediction.Owner.Name,
            ["model"] = prediction.Model,
            ["backend"] = prediction.Backend,
            ["backend_reason"] = prediction.BackendReason,
            ["attempts"] = prediction.Attempts > 0 ? prediction.Attempts : null,
            ["input"] = prediction.Input.DeepClone(),
            ["created_at"] = prediction.CreatedAt,
            ["started_at"] = prediction.StartedAt,
            ["completed_at"] = prediction.CompletedAt,
            ["deadline"] = prediction.Deadline,
            ["cancel_requested_at"] = prediction.CancelRequestedAt,
            ["seconds"] = (prediction.CompletedAt - prediction.CreatedAt)?.TotalSeconds,
            ["predict_seconds"] = prediction.PredictTime?.TotalSeconds,
            ["cost"] = prediction.Cost,
            ["outputs"] = new JsonArray([.. prediction.Outputs.Select(o => JsonValue.Create(Place(o.Key, data)))]),
            ["notes"] = new JsonArray([.. prediction.Notes.Select(n => JsonValue.Create(n))]),
        };
        if (prediction.Failure is { } failure)
        {
            json["error"] = Generating.GenerateReport.ToJson(failure);
        }

        return json;
    }
}
