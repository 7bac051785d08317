using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Leyden.Backends.Eachlabs;

/// <summary>
/// The JSON of the prediction API. Members whose form differs between the API's pages stay <see cref="JsonElement"/>s.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    PropertyNameCaseInsensitive = true
)]
[JsonSerializable(typeof(CreatedAnswer))]
[JsonSerializable(typeof(PredictionAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class EachlabsJson : JsonSerializerContext
{
    public static byte[] Write(JsonObject body) => JsonSerializer.SerializeToUtf8Bytes(body, Default.JsonObject);

    /// <summary>Reads an answer.</summary>
    /// <returns>Whether it was a JSON object of the expected form.</returns>
    public static bool TryRead(EachlabsAnswer.Received answer, [NotNullWhen(true)] out CreatedAnswer? created) =>
        TryRead(answer, Default.CreatedAnswer, out created);

    /// <inheritdoc cref="TryRead(EachlabsAnswer.Received, out CreatedAnswer?)"/>
    public static bool TryRead(EachlabsAnswer.Received answer, [NotNullWhen(true)] out PredictionAnswer? prediction) =>
        TryRead(answer, Default.PredictionAnswer, out prediction);

    /// <inheritdoc cref="TryRead(EachlabsAnswer.Received, out CreatedAnswer?)"/>
    public static bool TryRead(EachlabsAnswer.Received answer, [NotNullWhen(true)] out ErrorAnswer? error) =>
        TryRead(answer, Default.ErrorAnswer, out error);

    private static bool TryRead<T>(
        EachlabsAnswer.Received answer,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        [NotNullWhen(true)] out T? value
    )
        where T : class
    {
        try
        {
            value = JsonSerializer.Deserialize(answer.Body.Span, type);
        }
        catch (JsonException)
        {
            value = null;
        }

        return value is not null;
    }
}

/// <summary>The answer to a create. Here the status <c>success</c> means that the prediction was accepted.</summary>
internal sealed record CreatedAnswer(
    string? Status,
    JsonElement Message,
    [property: JsonPropertyName("predictionID")] string? PredictionId,
    JsonElement Error
);

/// <summary>The answer to a read.</summary>
internal sealed record PredictionAnswer(
    string? Status,
    JsonElement Output,
    JsonElement Logs,
    JsonElement Error,
    JsonElement ErrorMessage,
    JsonElement Metrics
);

/// <summary>An error: <c>{"error":…}</c>, with <c>details</c> where the limit of requests was hit.</summary>
internal sealed record ErrorAnswer(JsonElement Error, JsonElement Details, JsonElement Message);
