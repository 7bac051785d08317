using Quickenshtein;

namespace Leyden.Predictions;

/// <summary>One fault of a request, fit for the caller to read.</summary>
/// <param name="Field">The field at fault, as the caller names it: <c>width</c>, <c>webhook_url</c>.</param>
/// <param name="Message">What is wrong with the value, which value it is, and what is allowed.</param>
public sealed record InputError(string Field, string Message)
{
    private const int LongestValue = 60;

    /// <summary>Says that a value is not what the field takes.</summary>
    public static InputError NotAllowed(string field, string value, string allowed) =>
        new(field, $"{field} is {Shorten(value)}; it must be {allowed}.");

    /// <summary>Says that a field is none that is known, and which known one is spelled most like it.</summary>
    public static InputError Unknown(string field, IEnumerable<string> known)
    {
        var shown = Shorten(field);
        var nearest = known.MinBy(k => Levenshtein.GetDistance(k, shown.ToLowerInvariant()));
        return new(shown, $"{shown} is not known here; did you mean {nearest}?");
    }

    /// <summary>The same fault with the field under the name that the caller knows.</summary>
    public InputError Named(string field) =>
        new(field, Message.StartsWith(Field, StringComparison.Ordinal) ? field + Message[Field.Length..] : Message);

    /// <summary>The beginning of a value, so that an error never repeats a megabyte.</summary>
    public static string Shorten(string value) =>
        value.Length <= LongestValue ? value : string.Concat(value.AsSpan(0, LongestValue), "…");
}
