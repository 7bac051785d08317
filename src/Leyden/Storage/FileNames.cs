using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Leyden.Storage;

/// <summary>
/// Segments of object keys as file names that every file system keeps apart. Keys in practice are lower case and stay as they
/// are; an upper-case letter becomes <c>+</c> and the lower-case one, for file systems that ignore case, and a device name
/// of Windows (<c>con</c>, <c>nul.txt</c>) gets a <c>~</c> in front. Neither sign can be in a key.
/// </summary>
internal static class FileNames
{
    private const char Upper = '+';
    private const char Device = '~';

    private static readonly HashSet<string> Devices = new(
        [
            "con",
            "prn",
            "aux",
            "nul",
            .. Enumerable.Range(0, 10).Select(number => $"com{number}"),
            .. Enumerable.Range(0, 10).Select(number => $"lpt{number}"),
        ],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>The file name of a segment.</summary>
    public static string Encode(string segment)
    {
        var isDevice = Devices.Contains(BeforeDot(segment));
        if (!isDevice && !segment.AsSpan().ContainsAnyInRange('A', 'Z'))
        {
            return segment;
        }

        var name = new StringBuilder(segment.Length * 2 + 1);
        if (isDevice)
        {
            name.Append(Device);
        }

        foreach (var character in segment)
        {
            if (char.IsAsciiLetterUpper(character))
            {
                name.Append(Upper).Append(char.ToLowerInvariant(character));
            }
            else
            {
                name.Append(character);
            }
        }

        return name.ToString();
    }

    /// <summary>The segment of a file name.</summary>
    /// <returns>Whether the file is one that <see cref="Encode"/> names, not one that something else put there.</returns>
    public static bool TryDecode(ReadOnlySpan<char> name, [NotNullWhen(true)] out string? segment)
    {
        var text = new StringBuilder(name.Length);
        var rest = name.Length > 0 && name[0] == Device ? name[1..] : name;
        for (var index = 0; index < rest.Length; index++)
        {
            var isUpper = rest[index] == Upper && index + 1 < rest.Length;
            text.Append(isUpper ? char.ToUpperInvariant(rest[++index]) : rest[index]);
        }

        segment = text.ToString();
        return ObjectKey.TryParse(segment, out _)
            && !segment.Contains('/', StringComparison.Ordinal)
            && name.SequenceEqual(Encode(segment));
    }

    private static string BeforeDot(string segment)
    {
        var dot = segment.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? segment : segment[..dot];
    }
}
