using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Leyden.Storage;

/// <summary>
/// The name of an object: segments of <c>A–Z a–z 0–9 . _ -</c> joined by <c>/</c>, each at most 120 characters and with no dot
/// at its start or end, at most 512 characters in all. Such a name is valid as a blob name and as a relative file path, and can
/// not climb out of a folder. Lower case is what to choose: stores keep <c>A</c> and <c>a</c> apart, people do not.
/// </summary>
public readonly partial record struct ObjectKey
{
    private const int MaxLength = 512;
    private readonly string? _value;

    /// <summary>Makes a key of a name that this program composed.</summary>
    /// <exception cref="ArgumentException">The name is not of the form above.</exception>
    public ObjectKey(string value)
    {
        if (!IsValid(value))
        {
            throw new ArgumentException($"'{value}' is not an object key.", nameof(value));
        }

        _value = value;
    }

    /// <summary>The key as text. The default value has none.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The object key is empty.");

    /// <summary>Reads a key that came from outside.</summary>
    /// <returns>Whether <paramref name="value"/> is a valid key.</returns>
    public static bool TryParse([NotNullWhen(true)] string? value, out ObjectKey key)
    {
        if (value is null || !IsValid(value))
        {
            key = default;
            return false;
        }

        key = new ObjectKey(value);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";

    private static bool IsValid(string value) => value.Length is > 0 and <= MaxLength && Form().IsMatch(value);

    [GeneratedRegex(
        @"\A(?![^/]{121})[A-Za-z0-9_-][A-Za-z0-9._-]*(?<!\.)(/(?![^/]{121})[A-Za-z0-9_-][A-Za-z0-9._-]*(?<!\.))*\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Form();
}
