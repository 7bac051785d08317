using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Leyden.Batches;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden;

/// <summary>
/// How this program writes its own JSON: records in the object store and messages of the durable engine, the same in both
/// hosts. Dialects have their own.
/// </summary>
public static class LeydenJson
{
    /// <summary>camelCase names, enumerations as camelCase words, nulls left out. Unknown fields are ignored when reading.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.Strict,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // never put into HTML
            Converters =
            {
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase),
                new TextConverter<PredictionId>(PredictionId.Parse),
                new TextConverter<BatchId>(BatchId.Parse),
                new TextConverter<Owner>(text => new Owner(text)),
                new TextConverter<ObjectKey>(text => new ObjectKey(text)),
            },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>Writes a value that has a text form of its own as a JSON string.</summary>
    private sealed class TextConverter<T>(Func<string, T> parse) : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return parse(reader.GetString() ?? throw new JsonException($"null is no {typeof(T).Name}."));
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
