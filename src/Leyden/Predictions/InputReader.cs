using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Predictions;

/// <summary>
/// Reads typed fields out of a caller's JSON object and collects every fault. A faulty field reads as its default, so that
/// reading goes on; whoever reads asks <see cref="Errors"/> before using a value.
/// </summary>
internal sealed class InputReader(JsonObject json)
{
    private readonly List<string> _known = [];
    private readonly List<InputError> _errors = [];

    /// <summary>The faults found so far.</summary>
    public IReadOnlyList<InputError> Errors => _errors;

    public string RequiredText(string field, int maxLength)
    {
        var text = Text(field, "", maxLength);
        if (string.IsNullOrWhiteSpace(text) && _errors.All(e => e.Field != field))
        {
            _errors.Add(new InputError(field, $"{field} is missing or blank; it must say what to draw."));
        }

        return text;
    }

    public string Text(string field, string fallback, int maxLength)
    {
        if (Find(field) is not { } node)
        {
            return fallback;
        }

        if (ReadString(node) is not { } text)
        {
            _errors.Add(InputError.NotAllowed(field, Show(node), "a text in valid Unicode"));
            return fallback;
        }

        if (text.Length > maxLength)
        {
            _errors.Add(new InputError(field, $"{field} has {text.Length} characters; it may have {maxLength}."));
        }

        return text;
    }

    public int Integer(string field, int fallback, int min, int max, string allowed, int step = 1) =>
        (int)(Read(field, allowed, n => n >= min && n <= max && n % step == 0) ?? fallback);

    public decimal Number(string field, decimal fallback, decimal min, decimal max, string allowed) =>
        Read(field, allowed, n => n >= min && n <= max) ?? fallback;

    public uint? Seed(string field) =>
        (uint?)Read(
            field,
            $"a whole number from 0 to {uint.MaxValue}, or null for a drawn one",
            n => n >= 0 && n <= uint.MaxValue && n % 1 == 0
        );

    public bool Boolean(string field, bool fallback)
    {
        if (Find(field) is not { } node)
        {
            return fallback;
        }

        if (node.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            return node.GetValue<bool>();
        }

        if (bool.TryParse(ReadString(node), out var value))
        {
            return value;
        }

        _errors.Add(InputError.NotAllowed(field, Show(node), "true or false"));
        return fallback;
    }

    public string Choice(string field, string fallback, IReadOnlyList<string> choices)
    {
        if (Find(field) is not { } node)
        {
            return fallback;
        }

        if (ReadString(node) is { } text && choices.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        _errors.Add(InputError.NotAllowed(field, Show(node), $"one of {string.Join(", ", choices)}"));
        return fallback;
    }

    /// <summary>Reports every field that was not read.</summary>
    public void RefuseOthers() =>
        _errors.AddRange(
            json.Select(f => f.Key).Except(_known, StringComparer.Ordinal).Select(f => InputError.Unknown(f, _known))
        );

    private static string? ReadString(JsonNode node)
    {
        try
        {
            return node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
        }
        catch (InvalidOperationException) // half of a surrogate pair, which JSON can spell and UTF-8 can not
        {
            return null;
        }
    }

    private static string Show(JsonNode node) =>
        node switch
        {
            JsonObject => "an object",
            JsonArray => "an array",
            _ when node.GetValueKind() == JsonValueKind.String => ReadString(node) is { } text
                ? $"\"{InputError.Shorten(text)}\""
                : "no valid Unicode",
            _ => InputError.Shorten(node.ToJsonString()),
        };

    private JsonNode? Find(string field)
    {
        _known.Add(field);
        return json[field];
    }

    private decimal? Read(string field, string allowed, Func<decimal, bool> isAllowed)
    {
        if (Find(field) is not { } node)
        {
            return null;
        }

        var text = node.GetValueKind() == JsonValueKind.Number ? node.ToJsonString() : ReadString(node)?.Trim();
        if (
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && isAllowed(number)
        )
        {
            return number;
        }

        _errors.Add(InputError.NotAllowed(field, Show(node), allowed));
        return null;
    }
}
