using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Html;

namespace Leyden.Diffusion;

/// <summary>
/// Character references as the HTML standard has them (section 13.5 and the parsing rules of 13.2.5.72–80), which CLIP's tokenizer resolves: names
/// without their semicolon too, also as the beginning of a longer word, and numbers of Windows-1252.
/// </summary>
internal static partial class HtmlEntities
{
    private const string Windows1252 =
        "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f"
        + "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    /// <summary>The text with its character references resolved once.</summary>
    public static string Decode(string text) =>
        text.Contains('&', StringComparison.Ordinal) ? Reference().Replace(text, Resolve) : text;

    private static string Resolve(Match match)
    {
        var reference = match.Value[1..];
        if (reference[0] == '#')
        {
            return Number(reference.AsSpan(1).TrimEnd(';'));
        }

        if (HtmlEntityProvider.Resolver.GetSymbol(reference) is { } symbol)
        {
            return symbol;
        }

        for (var length = reference.Length - 1; length > 1; length--)
        {
            if (HtmlEntityProvider.Resolver.GetSymbol(reference[..length]) is { } beginning)
            {
                return beginning + reference[length..];
            }
        }

        return match.Value;
    }

    private static string Number(ReadOnlySpan<char> digits)
    {
        var isHex = digits[0] is 'x' or 'X';
        var significant = (isHex ? digits[1..] : digits).TrimStart('0');
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;

        // More than eight digits are no code point in either base.
        var scalar = significant switch
        {
            { Length: 0 } => 0,
            { Length: > 8 } => int.MaxValue,
            _ => (int)Math.Min(long.Parse(significant, style, CultureInfo.InvariantCulture), int.MaxValue),
        };
        return scalar switch
        {
            0 => "\uFFFD",
            '\r' => "\r",
            >= 0x80 and < 0xA0 => Windows1252[scalar - 0x80].ToString(),
            _ when !Rune.IsValid(scalar) => "\uFFFD",
            < 0x20 and not ('\t' or '\n' or '\f') => "",
            0x7F or (>= 0xFDD0 and <= 0xFDEF) => "",
            _ when (scalar & 0xFFFE) == 0xFFFE => "",
            _ => new Rune(scalar).ToString(),
        };
    }

    [GeneratedRegex("&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
