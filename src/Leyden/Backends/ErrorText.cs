using System.Text.RegularExpressions;

namespace Leyden.Backends;

/// <summary>Makes the words of a backend fit to be stored, logged and shown: short, and without secrets.</summary>
public static partial class ErrorText
{
    /// <summary>The longest text that is kept, in UTF-16 characters.</summary>
    public const int MaxLength = 2_000;

    // Much longer texts are cut before they are searched, so that nobody makes us search megabytes.
    private const int MaxSearched = 16_000;
    private const string Removed = "[removed]";

    /// <summary>Removes secrets, then shortens at the end.</summary>
    /// <param name="text">The backend's own words.</param>
    /// <param name="secrets">Texts that must not appear, such as the key in use. Empty ones are ignored.</param>
    /// <returns>At most <see cref="MaxLength"/> characters; null when there is nothing to tell.</returns>
    public static string? Clean(string? text, params ReadOnlySpan<string?> secrets) => Clean(text, KeepStart, secrets);

    /// <summary>As <see cref="Clean(string?, ReadOnlySpan{string?})"/>, but shortens at the start: a log tells the reason last.</summary>
    public static string? CleanLog(string? text, params ReadOnlySpan<string?> secrets) => Clean(text, KeepEnd, secrets);

    private static string? Clean(string? text, Func<string, int, string> shorten, ReadOnlySpan<string?> secrets)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        foreach (var secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
            {
                text = text.Replace(secret, Removed, StringComparison.Ordinal);
            }
        }

        var clean = shorten(text, MaxSearched);
        clean = UrlSecrets().Replace(clean, "${head}" + Removed);
        clean = UrlUser().Replace(clean, "${scheme}");
        clean = NamedSecrets().Replace(clean, "${name}" + Removed);
        return shorten(clean.Trim(), MaxLength);
    }

    private static string KeepStart(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var end = length - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }

    private static string KeepEnd(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var start = text.Length - length + 1;
        return string.Concat("…", text.AsSpan(char.IsLowSurrogate(text[start]) ? start + 1 : start));
    }

    // Query strings carry signatures (SAS and the like).
    [GeneratedRegex(
        @"(?<head>https?://[^\s?""'<>#]+\?)[^\s""'<>]*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex UrlSecrets();

    [GeneratedRegex(@"(?<scheme>https?://)[^\s/?""'<>@]+@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UrlUser();

    [GeneratedRegex(
        @"(?<name>\bbearer\s+|\b(?:x-)?api[-_ ]?key[""']?\s*[:=]\s*[""']?)[^\s""',;&]+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex NamedSecrets();
}
