using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Leyden.Predictions;

/// <summary>
/// Whose predictions these are: the name of the caller's key, in lower case. 1…32 letters, digits and hyphens, no hyphen first.
/// </summary>
public readonly partial record struct Owner
{
    private readonly string? _name;

    /// <summary>Makes an owner of a name that was validated before, such as one read back from a record.</summary>
    /// <exception cref="ArgumentException">The name is not of the form above.</exception>
    public Owner(string name)
    {
        if (!Form().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is not an owner's name.", nameof(name));
        }

        _name = name;
    }

    /// <summary>The one caller of a host without keys.</summary>
    public static Owner Local { get; } = new("local");

    /// <summary>The name. The default value has none.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Name => _name ?? throw new InvalidOperationException("The owner is empty.");

    /// <summary>Reads a name in any letter case.</summary>
    /// <returns>Whether it is an owner's name.</returns>
    public static bool TryParse([NotNullWhen(true)] string? name, out Owner owner)
    {
        var folded = name?.ToLowerInvariant();
        if (folded is null || !Form().IsMatch(folded))
        {
            owner = default;
            return false;
        }

        owner = new Owner(folded);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _name ?? "";

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
