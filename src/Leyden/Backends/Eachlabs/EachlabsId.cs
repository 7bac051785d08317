using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Leyden.Backends.Eachlabs;

/// <summary>A prediction's id at Eachlabs: 1…200 characters that need no escaping in a path and can not climb out of one.</summary>
internal readonly partial record struct EachlabsId
{
    private readonly string _value;

    private EachlabsId(string value) => _value = value;

    /// <summary>Reads an id that came from outside.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EachlabsId id)
    {
        var valid = text is not null && Form().IsMatch(text);
        id = valid ? new EachlabsId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => _value;

    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._~-]{0,199}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
