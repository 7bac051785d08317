using System.Globalization;
using System.Text;

namespace Leyden.Diffusion;

/// <summary>
/// Lower case by Unicode's default rules (chapter 3.13), which go beyond one character for one: İ becomes i with a dot, Σ at the end of a
/// word ς.
/// </summary>
internal static class LowerCase
{
    /// <summary>The text in lower case; surrogates without their other half become U+FFFD.</summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        Rune[] runes = [.. text.EnumerateRunes()];
        var lower = new StringBuilder(text.Length);
        for (var i = 0; i < runes.Length; i++)
        {
            lower.Append(
                runes[i].Value switch
                {
                    'İ' => "i\u0307",
                    'Σ' => EndsWord(runes, i) ? "ς" : "σ",
                    _ => Rune.ToLowerInvariant(runes[i]).ToString(),
                }
            );
        }

        return lower.ToString();
    }

    /// <summary>Whether a letter with case comes before, and none after, where what is neither letter nor space is passed over.</summary>
    private static bool EndsWord(Rune[] runes, int index)
    {
        var before = index - 1;
        while (before >= 0 && IsCaseIgnorable(runes[before]))
        {
            before--;
        }

        var after = index + 1;
        while (after < runes.Length && IsCaseIgnorable(runes[after]))
        {
            after++;
        }

        return before >= 0 && IsCased(runes[before]) && (after == runes.Length || !IsCased(runes[after]));
    }

    private static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

    private static bool IsCaseIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.ModifierSymbol
        || rune.Value
            is '\''
                or '.'
                or ':'
                or '·'
                or 0x387
                or 0x55F
                or 0x5F4
                or 0x2018
                or 0x2019
                or 0x2024
                or 0x2027
                or 0xFE13
                or 0xFE52
                or 0xFE55
                or 0xFF07
                or 0xFF0E
                or 0xFF1A;
}
