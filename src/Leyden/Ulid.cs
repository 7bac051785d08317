using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Leyden;

/// <summary>
/// A name that is a time as well: 26 lower-case characters of Crockford's base 32, of which the first 10 are a moment
/// (milliseconds since 1970, 48 bits) and the rest 80 bits that tell names of one millisecond apart; see
/// https://github.com/ulid/spec. Names sort by their moments, then by those bits.
/// </summary>
public readonly record struct Ulid
{
    /// <summary>How many bytes tell names of one millisecond apart.</summary>
    public const int TailBytes = 10;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 26;
    private const int TimeLength = 10;
    private const int BitsPerDigit = 5;
    private const long MaxMilliseconds = (1L << 48) - 1;
    private const long MillisecondsPerHour = 3_600_000;
    private static readonly SearchValues<char> Digits = SearchValues.Create(Alphabet);
    private readonly string? _value;

    private Ulid(string value) => _value = value;

    /// <summary>The name as text. The default value has none.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The id is empty.");

    /// <summary>Its moment, to the millisecond.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>12 hex digits that sort younger names before older ones.</summary>
    public string NewestFirst => (MaxMilliseconds - Milliseconds).ToString("x12");

    /// <summary>8 hex digits, the same for all names of one hour, that sort younger hours before older ones.</summary>
    public string HourNewestFirst => HourFolder(Time);

    private long Milliseconds
    {
        get
        {
            var result = 0L;
            foreach (var c in Value.AsSpan(0, TimeLength))
            {
                result = (result << BitsPerDigit) | (long)Alphabet.IndexOf(c, StringComparison.Ordinal);
            }

            return result;
        }
    }

    /// <summary>Draws a new name.</summary>
    public static Ulid New(DateTimeOffset now, Random random)
    {
        Span<byte> tail = stackalloc byte[TailBytes];
        random.NextBytes(tail);
        return Of(now, tail);
    }

    /// <summary>The name of a moment with a tail of one's own.</summary>
    /// <param name="time">The moment; what is finer than a millisecond is dropped.</param>
    /// <param name="tail"><see cref="TailBytes"/> bytes; the first counts most when names are sorted.</param>
    public static Ulid Of(DateTimeOffset time, ReadOnlySpan<byte> tail)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tail.Length, TailBytes);
        Span<char> text = stackalloc char[Length];
        var left = Math.Clamp(time.ToUnixTimeMilliseconds(), 0, MaxMilliseconds);
        for (var i = TimeLength - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(left & 31)];
            left >>= BitsPerDigit;
        }

        var bits = 0;
        var held = 0;
        var at = TimeLength;
        foreach (var octet in tail)
        {
            bits = (bits << 8) | octet;
            for (held += 8; held >= BitsPerDigit; held -= BitsPerDigit)
            {
                text[at++] = Alphabet[(bits >> (held - BitsPerDigit)) & 31];
            }
        }

        return new Ulid(new string(text));
    }

    /// <summary>The value of <see cref="HourNewestFirst"/> for names of the hour of <paramref name="time"/>.</summary>
    public static string HourFolder(DateTimeOffset time) =>
        ((MaxMilliseconds / MillisecondsPerHour) - (time.ToUnixTimeMilliseconds() / MillisecondsPerHour)).ToString(
            "x8"
        );

    /// <summary>Reads a name that came from outside, in any letter case.</summary>
    /// <returns>Whether it has the form of one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ulid ulid)
    {
        ulid = default;
        if (text is not { Length: Length })
        {
            return false;
        }

        var folded = text.ToLowerInvariant();
        // 10 characters hold 50 bits: the first must leave the top two empty.
        if (folded.AsSpan().ContainsAnyExcept(Digits) || folded[0] > '7')
        {
            return false;
        }

        ulid = new Ulid(folded);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
