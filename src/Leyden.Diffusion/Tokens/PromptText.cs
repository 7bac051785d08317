using System.Text;

namespace Leyden.Diffusion;

/// <summary>A text as CLIP's tokenizer sees it (openai/CLIP, basic and white space cleaning), and the pieces that it is taken apart into.</summary>
internal static class PromptText
{
    private static readonly string[] _contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Class
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>
    /// Normalization form C, HTML character references resolved twice, white space at the ends cut and within made one blank, lower case.
    /// </summary>
    public static string Clean(string text)
    {
        var resolved = HtmlEntities.Decode(HtmlEntities.Decode(CanonicalComposition.Of(text)));
        var (start, end) = (0, resolved.Length);
        while (start < end && IsCutAtEnds(resolved[start]))
        {
            start++;
        }

        while (end > start && IsCutAtEnds(resolved[end - 1]))
        {
            end--;
        }

        var collapsed = new StringBuilder(end - start);
        for (var i = start; i < end; i++)
        {
            if (!char.IsWhiteSpace(resolved[i]))
            {
                collapsed.Append(resolved[i]);
            }
            else if (collapsed[^1] != ' ')
            {
                collapsed.Append(' ');
            }
        }

        return LowerCase.Of(collapsed.ToString());
    }

    /// <summary>
    /// The pieces that are encoded each for itself, as CLIP's regular expression finds them: the special tokens, the contractions of English,
    /// rows of letters, single numerals, rows of anything else but white space.
    /// </summary>
    public static IEnumerable<Range> Pieces(string clean, IReadOnlyList<string> specialTokens)
    {
        var at = 0;
        while (at < clean.Length)
        {
            var length = FixedLength(clean, at, specialTokens) ?? FixedLength(clean, at, _contractions);
            if (length is null && ClassAt(clean, at, out var first) is var found)
            {
                length = first;
                while (found is Class.Letter or Class.Other && at + length < clean.Length)
                {
                    if (ClassAt(clean, at + length.Value, out var next) != found)
                    {
                        break;
                    }

                    length += next;
                }

                if (found == Class.Space)
                {
                    at += first;
                    continue;
                }
            }

            yield return at..(at + length!.Value);
            at += length.Value;
        }
    }

    private static int? FixedLength(string text, int at, IReadOnlyList<string> fixedPieces)
    {
        for (var i = 0; i < fixedPieces.Count; i++)
        {
            if (StartsWith(text.AsSpan(at), fixedPieces[i]))
            {
                return fixedPieces[i].Length;
            }
        }

        return null;
    }

    /// <summary>Without regard to case: what is in lower case already, but for the long s, which is one of the forms of s.</summary>
    private static bool StartsWith(ReadOnlySpan<char> text, string piece)
    {
        if (text.Length < piece.Length)
        {
            return false;
        }

        for (var i = 0; i < piece.Length; i++)
        {
            if (text[i] != piece[i] && (piece[i] != 's' || text[i] != 'ſ'))
            {
                return false;
            }
        }

        return true;
    }

    private static Class ClassAt(string text, int at, out int length)
    {
        Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out length);
        return Rune.IsWhiteSpace(rune) ? Class.Space
            : Rune.IsLetter(rune) ? Class.Letter
            : Rune.IsNumber(rune) ? Class.Number
            : Class.Other;
    }

    private static bool IsCutAtEnds(char character) =>
        char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';
}
