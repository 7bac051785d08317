using System.Diagnostics.CodeAnalysis;

namespace Leyden.Outputs;

/// <summary>A <c>data:</c> URL whose content is Base64.</summary>
internal sealed class DataUrl
{
    private const string Scheme = "data:";
    private const string Marker = ";base64";
    private readonly string _text;
    private readonly int _start;

    private DataUrl(string text, int start)
    {
        _text = text;
        _start = start;
    }

    /// <summary>At most so many bytes come out of it.</summary>
    public long MaxLength => ((long)_text.Length - _start + 3) / 4 * 3;

    /// <summary>Reads a URL.</summary>
    /// <returns>Whether it is a data URL with Base64 content. The content itself is looked at when it is read.</returns>
    public static bool TryParse(Uri url, [NotNullWhen(true)] out DataUrl? data)
    {
        data = null;
        var text = url.OriginalString;
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (
            comma < 0
            || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !text.AsSpan(Scheme.Length, comma - Scheme.Length)
                .TrimEnd()
                .EndsWith(Marker, StringComparison.OrdinalIgnoreCase)
        )
        {
            return false;
        }

        data = text.AsSpan(comma + 1).Contains('%')
            ? new DataUrl(Uri.UnescapeDataString(text[(comma + 1)..]), 0)
            : new DataUrl(text, comma + 1);
        return true;
    }

    /// <summary>Decodes as it is read. Reading throws <see cref="FormatException"/> where the content is not Base64.</summary>
    public Stream Open() => new Base64TextStream(_text.AsMemory(_start));
}
