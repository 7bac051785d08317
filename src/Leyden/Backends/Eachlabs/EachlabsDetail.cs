using System.Text.Json;

namespace Leyden.Backends.Eachlabs;

/// <summary>Eachlabs' own words about what went wrong, cleaned.</summary>
internal static class EachlabsDetail
{
    /// <summary>The words of an error answer; null when it has none that we understand (a proxy's page of HTML, say).</summary>
    public static string? Of(EachlabsAnswer.Received answer, string? apiKey)
    {
        if (!EachlabsJson.TryRead(answer, out ErrorAnswer? error))
        {
            return null;
        }

        var words = new[] { error.Error, error.Details }.Select(TextOf).Where(text => text is not null).ToList();
        return ErrorText.Clean(words.Count > 0 ? string.Join(": ", words) : TextOf(error.Message), apiKey);
    }

    /// <summary>Why a prediction failed: <c>error_message ?? error ?? logs</c>.</summary>
    public static string? Of(PredictionAnswer prediction, string? apiKey) =>
        ErrorText.Clean(TextOf(prediction.ErrorMessage) ?? TextOf(prediction.Error), apiKey)
        ?? LogOf(prediction, apiKey);

    /// <summary>The end of a prediction's log; null when there is none.</summary>
    public static string? LogOf(PredictionAnswer prediction, string? apiKey) =>
        ErrorText.CleanLog(TextOf(prediction.Logs), apiKey);

    /// <summary>A member's text; that of an object or array is its JSON. Null when there is none.</summary>
    private static string? TextOf(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String when element.GetString() is { } text => string.IsNullOrWhiteSpace(text) ? null : text,
            JsonValueKind.Array when element.GetArrayLength() == 0 => null,
            _ => element.GetRawText(),
        };
}
