using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.ModelServer.Inputs;

/// <summary>The JSON type of an input.</summary>
internal enum InputType
{
    /// <summary>A text.</summary>
    String,

    /// <summary>A whole number; 1024.0 is one, "1024" is none.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>One input of the model: what is accepted, and what <c>/openapi.json</c> says of it.</summary>
/// <param name="Name">The model's own name.</param>
/// <param name="Type">Its JSON type; no other is converted.</param>
/// <param name="Description">For people.</param>
internal sealed record InputField(string Name, InputType Type, string Description)
{
    private const int LongestValue = 60;

    /// <summary>The value of an input that is left out; null when it must be given or is drawn.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Whether leaving it out is a fault.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether null means that it is left out.</summary>
    public bool IsNullable { get; init; }

    /// <summary>The smallest number, or the fewest UTF-16 characters of a text.</summary>
    public decimal? Minimum { get; init; }

    /// <summary>The largest number, or the most UTF-16 characters of a text.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>Whether it is a width or height, of which a model takes multiples of some number only.</summary>
    public bool IsSize { get; init; }

    /// <summary>The texts that are accepted; null for all.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>What is wrong with a value, in the words of JSON Schema; null when nothing is.</summary>
    /// <param name="value">What the caller sent.</param>
    /// <param name="step">Numbers must be multiples of it.</param>
    public string? FaultOf(JsonElement value, int step = 1)
    {
        if (value.ValueKind == JsonValueKind.Null && IsNullable)
        {
            return null;
        }

        return Type switch
        {
            InputType.String => value.ValueKind == JsonValueKind.String ? TextFault(value) : WrongType(value),
            InputType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : WrongType(value),
            _ => value.ValueKind == JsonValueKind.Number ? NumberFault(value, step) : WrongType(value),
        };
    }

    private string? TextFault(JsonElement value)
    {
        if (JsonTexts.FindUnusable(value) is not null)
        {
            return "is not valid Unicode without NUL";
        }

        var text = value.GetString()!;
        if (Choices is not null)
        {
            return Choices.Contains(text, StringComparer.Ordinal)
                ? null
                : $"{Show(value)} is not one of {string.Join(", ", Choices.Select(c => $"\"{c}\""))}";
        }

        return text.Length > Maximum ? $"has {text.Length} characters, more than the maximum of {Maximum}"
            : IsRequired && string.IsNullOrWhiteSpace(text) ? "is blank"
            : null;
    }

    private string? NumberFault(JsonElement value, int step)
    {
        if (!value.TryGetDecimal(out var number))
        {
            return $"{Show(value)} is outside of {Minimum} to {Maximum}";
        }

        return Type == InputType.Integer && number % 1 != 0 ? WrongType(value)
            : number < Minimum ? $"{Show(value)} is less than the minimum of {Minimum}"
            : number > Maximum ? $"{Show(value)} is greater than the maximum of {Maximum}"
            : number % step != 0 && Type == InputType.Integer ? $"{Show(value)} is not a multiple of {step}"
            : null;
    }

    private string WrongType(JsonElement value) =>
        string.Create(CultureInfo.InvariantCulture, $"{Show(value)} is not of type \"{Word}\"");

    /// <summary>The type's name in JSON Schema.</summary>
    public string Word => Type.ToString().ToLowerInvariant();

    // Never repeats a megabyte, nor half a surrogate pair.
    private static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= LongestValue ? text : string.Concat(text.AsSpan(0, LongestValue), "…");
    }
}
