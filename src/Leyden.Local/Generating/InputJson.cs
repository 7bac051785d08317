using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>Reads the value of <c>--input-json</c>.</summary>
internal static class InputJson
{
    private const string Option = "--input-json";
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>Reads the object, or the file that is named after an at sign.</summary>
    /// <returns>The object; empty when nothing was given or it has a fault.</returns>
    public static JsonObject Read(string? value, List<InputError> errors)
    {
        if (value is null)
        {
            return [];
        }

        try
        {
            var text = value.StartsWith('@') ? ReadFile(value[1..]) : value;
            if (JsonNode.Parse(text, documentOptions: Strict) is JsonObject input)
            {
                return input;
            }

            errors.Add(new InputError(Option, $"{Option} must be a JSON object, such as '{{\"prompt\":\"a fox\"}}'."));
        }
        catch (JsonException e)
        {
            errors.Add(new InputError(Option, $"{Option} is not valid JSON: {e.Message}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new InputError(Option, $"{Option}: the file can not be read: {e.Message}"));
        }

        return [];
    }

    private static string ReadFile(string path) =>
        new FileInfo(path) is { Exists: true, Length: > ModelInput.MaxBytes * 2 }
            ? throw new IOException($"it has more than {ModelInput.MaxBytes * 2 / 1024} kB.")
            : File.ReadAllText(path);
}
