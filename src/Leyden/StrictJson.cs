using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden;

/// <summary>
/// Reads JSON that came from outside: bounded in depth, no name twice in an object, and every name and text valid Unicode without
/// NUL, so that it can be written and passed on. The size is the caller's to bound.
/// </summary>
public static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Reads a document. Dispose it.</summary>
    /// <param name="utf8">The text, with or without a byte order mark.</param>
    /// <exception cref="FormatException">It is no such JSON; the message says why, fit to follow a colon.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..]; // editors and shells of Windows put one there
        }

        try
        {
            return JsonDocument.Parse(utf8, Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: half a surrogate pair in a name
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Reads a part of a document as a node that outlives it.</summary>
    /// <param name="element">An object, array, text, number or truth value.</param>
    /// <param name="error">The first text that is unusable.</param>
    /// <returns>The node; null when there is an error.</returns>
    public static JsonNode? ToNode(JsonElement element, out InputError? error)
    {
        error = JsonTexts.FindUnusable(element);
        if (error is not null)
        {
            return null;
        }

        var own = element.Clone();
        return own.ValueKind switch
        {
            JsonValueKind.Object => JsonObject.Create(own),
            JsonValueKind.Array => JsonArray.Create(own),
            _ => JsonValue.Create(own),
        };
    }
}
