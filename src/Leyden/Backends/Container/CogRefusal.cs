using System.Text.Json;
using Leyden.Predictions;

namespace Leyden.Backends.Container;

/// <summary>What Cog's 422 says: <c>{"detail":[{"loc":["body","input","width"],"msg":…}]}</c>, or <c>{"error":…}</c>.</summary>
internal static class CogRefusal
{
    private const int MaxShown = 5;
    private static readonly string[] WordFields = ["error", "detail"];

    /// <summary>The faults that it names, by field; one without a field has the field <c>input</c>.</summary>
    public static IReadOnlyList<InputError> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return [];
            }

            if (root.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.Array)
            {
                return [.. detail.EnumerateArray().Take(MaxShown).Select(Read)];
            }

            var words = WordFields
                .Select(name => root.TryGetProperty(name, out var value) ? ErrorText.Clean(value.ToString()) : null)
                .FirstOrDefault(text => text is not null);
            return words is null ? [] : [new InputError("input", words)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>The failure that these faults are.</summary>
    public static PredictionFailure ToFailure(IReadOnlyList<InputError> errors) =>
        new(
            FailureCodes.InvalidInput,
            Retryable: false,
            errors.Count == 0
                ? "The container refused the input and did not say why."
                : "The container refused the input: "
                    + string.Join("; ", errors.Select(e => $"{e.Field}: {e.Message}"))
                    + "."
        );

    private static InputError Read(JsonElement fault)
    {
        if (fault.ValueKind != JsonValueKind.Object)
        {
            return new InputError("input", ErrorText.Clean(fault.ToString()) ?? "not accepted");
        }

        var field =
            fault.TryGetProperty("loc", out var location) && location.ValueKind == JsonValueKind.Array
                ? location.EnumerateArray().Select(part => part.ToString()).LastOrDefault()
                : null;
        var message = fault.TryGetProperty("msg", out var words) ? ErrorText.Clean(words.ToString()) : null;
        return new InputError(
            InputError.Shorten(string.IsNullOrEmpty(field) ? "input" : field),
            (message ?? "not accepted").TrimEnd('.')
        );
    }
}
