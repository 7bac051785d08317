using System.Buffers;
using System.Globalization;
using System.Text;

namespace Leyden.Diffusion;

/// <summary>
/// Unicode's normalization form C (Unicode Standard Annex 15). .NET leaves texts as they are when globalization is invariant, as it is here,
/// so that no ICU is needed.
/// </summary>
internal sealed class CanonicalComposition
{
    private const char FirstThatMayChange = '\u0300';
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Trails = 28;

    private static readonly Lazy<CanonicalComposition> _instance = new(() => new CanonicalComposition());

    private readonly Dictionary<int, int[]> _decompositions = [];
    private readonly Dictionary<(int, int), int> _compositions = [];
    private readonly Dictionary<int, byte> _classes = [];

    private CanonicalComposition()
    {
        using var data = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("canonical-composition.txt")!;
        using var reader = new StreamReader(data);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                Add(line);
            }
        }
    }

    /// <summary>The text in normalization form C; surrogates without their other half become U+FFFD.</summary>
    public static string Of(string text) =>
        text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstThatMayChange - 1)) < 0
            ? text
            : _instance.Value.Compose(text);

    private string Compose(string text)
    {
        var decomposed = new List<(int Scalar, byte Class)>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, decomposed);
        }

        Order(decomposed);
        var composed = new StringBuilder(text.Length);
        foreach (var scalar in Compose(decomposed))
        {
            composed.Append(new Rune(scalar).ToString());
        }

        return composed.ToString();
    }

    private void Decompose(int scalar, List<(int Scalar, byte Class)> target)
    {
        var syllable = scalar - SyllableBase;
        if (syllable is >= 0 and < Leads * Vowels * Trails)
        {
            target.Add((LeadBase + (syllable / (Vowels * Trails)), 0));
            target.Add((VowelBase + (syllable % (Vowels * Trails) / Trails), 0));
            if (syllable % Trails != 0)
            {
                target.Add((TrailBase + (syllable % Trails), 0));
            }
        }
        else if (_decompositions.TryGetValue(scalar, out var parts))
        {
            Array.ForEach(parts, part => Decompose(part, target));
        }
        else
        {
            target.Add((scalar, _classes.GetValueOrDefault(scalar)));
        }
    }

    /// <summary>Puts each row of combining characters in the order of their classes; those of one class stay as they are.</summary>
    private static void Order(List<(int Scalar, byte Class)> text)
    {
        for (var start = 0; start < text.Count; start++)
        {
            var end = start;
            while (end < text.Count && text[end].Class != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var ordered = text[start..end].OrderBy(entry => entry.Class).ToList();
                ordered.ForEach(entry => text[start++] = entry);
            }

            start = end;
        }
    }

    private List<int> Compose(List<(int Scalar, byte Class)> text)
    {
        var composed = new List<int>(text.Count);
        var starter = -1;
        var lastClass = -1;
        foreach (var (scalar, combining) in text)
        {
            // Nothing of the same or a higher class, and no starter, stands between the last starter and this one.
            var reaches = starter >= 0 && lastClass < combining;
            if (reaches && Pair(composed[starter], scalar) is { } composite)
            {
                composed[starter] = composite;
                continue;
            }

            if (combining == 0)
            {
                starter = composed.Count;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }

            composed.Add(scalar);
        }

        return composed;
    }

    private int? Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < Leads && second - VowelBase is >= 0 and < Vowels)
        {
            return SyllableBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Trails);
        }

        var syllable = first - SyllableBase;
        var isOpen = syllable is >= 0 and < Leads * Vowels * Trails && syllable % Trails == 0;
        if (isOpen && second - TrailBase is > 0 and < Trails)
        {
            return first + second - TrailBase;
        }

        return _compositions.TryGetValue((first, second), out var composite) ? composite : null;
    }

    private void Add(string line)
    {
        var sign = line.AsSpan().IndexOfAny(_signs);
        var rest = line[(sign + 1)..];
        if (line[sign] == '-')
        {
            var ends = rest.Split(':');
            for (var scalar = Hex(line[..sign]); scalar <= Hex(ends[0]); scalar++)
            {
                _classes[scalar] = byte.Parse(ends[1], CultureInfo.InvariantCulture);
            }

            return;
        }

        var parts = Array.ConvertAll(rest.Split(' '), Hex);
        _decompositions[Hex(line[..sign])] = parts;
        if (line[sign] == '=')
        {
            _compositions[(parts[0], parts[1])] = Hex(line[..sign]);
        }
    }

    private static readonly SearchValues<char> _signs = SearchValues.Create("=>-");

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
