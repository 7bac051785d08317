using System.Text.Json;
using Leyden.Predictions;

namespace Leyden;

/// <summary>
/// Finds texts that a JSON document can spell but nobody behind can use: halves of surrogate pairs and broken UTF-8, which the
/// parser only notices when a text is read, and NUL, at which programs in C stop reading.
/// </summary>
public static class JsonTexts
{
    /// <summary>Looks through all names and values.</summary>
    /// <returns>The first fault, with the path to it; null when there is none.</returns>
    public static InputError? FindUnusable(JsonElement element, string path = "")
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String when !IsUsable(() => element.GetString()):
                return Unusable(path);
            case JsonValueKind.Array:
                var index = 0;
                return element
                    .EnumerateArray()
                    .Select(item => FindUnusable(item, $"{path}[{index++}]"))
                    .FirstOrDefault(fault => fault is not null);
            case JsonValueKind.Object:
                return element
                    .EnumerateObject()
                    .Select(member =>
                        IsUsable(() => member.Name)
                            ? FindUnusable(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}")
                            : Unusable($"A name in {(path.Length == 0 ? "the body" : path)}")
                    )
                    .FirstOrDefault(fault => fault is not null);
            default:
                return null;
        }
    }

    private static InputError Unusable(string where) =>
        new(
            InputError.Shorten(where),
            $"{InputError.Shorten(where)} is no text in valid Unicode, or has a NUL character in it."
        );

    private static bool IsUsable(Func<string?> read)
    {
        try
        {
            return read()?.Contains('\0', StringComparison.Ordinal) != true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
