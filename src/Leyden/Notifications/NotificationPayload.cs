using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Notifications;

/// <summary>
/// Keeps payloads below the 20 kB that receivers may be limited to: first the model's log goes, then long texts of the input are cut,
/// then the input and the backend's words go. What was cut is told by <c>"truncated": true</c>.
/// </summary>
public static class NotificationPayload
{
    /// <summary>The largest payload in bytes.</summary>
    public const int MaxBytes = 20_000;

    private const string Truncated = "truncated";
    private const int KeptCharacters = 500;

    /// <summary>Cuts a prediction until what is made of it is small enough.</summary>
    /// <param name="prediction">As the API shows it; changed.</param>
    /// <param name="write">Makes the payload.</param>
    public static byte[] Write(JsonObject prediction, Func<JsonObject, byte[]> write)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(write);
        var payload = write(prediction);
        foreach (var cut in Cuts)
        {
            if (payload.Length < MaxBytes)
            {
                break;
            }

            cut(prediction);
            prediction[Truncated] = true;
            payload = write(prediction);
        }

        return payload;
    }

    /// <summary>UTF-8 as this program writes JSON.</summary>
    public static byte[] ToBytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, LeydenJson.Options);

    private static readonly Action<JsonObject>[] Cuts =
    [
        prediction => prediction.Remove("logs"),
        prediction => Shorten(prediction["input"]),
        prediction => Shorten(prediction),
        prediction =>
        {
            prediction["input"] = new JsonObject();
            prediction.Remove("error_detail");
            prediction.Remove("notes");
        },
    ];

    private static void Shorten(JsonNode? node)
    {
        if (node is not JsonObject json)
        {
            return;
        }

        foreach (var (name, value) in json.ToList())
        {
            if (
                name is not ("output" or "urls")
                && value is JsonValue text
                && text.GetValueKind() == JsonValueKind.String
                && text.GetValue<string>() is { Length: > KeptCharacters } words
            )
            {
                // Not within a surrogate pair.
                var end = char.IsHighSurrogate(words[KeptCharacters - 1]) ? KeptCharacters - 1 : KeptCharacters;
                json[name] = words[..end] + "…";
            }
        }
    }
}
