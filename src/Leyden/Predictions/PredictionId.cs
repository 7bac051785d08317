using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Leyden.Predictions;

/// <summary>
/// The name of a prediction: 26 lower-case characters of Crockford's base 32, of which the first 10 are the moment it was
/// accepted (milliseconds since 1970, 48 bits) and the rest 80 random bits: a ULID, see https://github.com/ulid/spec.
/// Being a time as well, the id alone tells where the record is and where it stands in a list.
/// </summary>
public readonly record struct PredictionId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 26;
    private const int TimeLength = 10;
    private const long MaxMilliseconds = (1L << 48) - 1;
    private const long MillisecondsPerHour = 3_600_000;
    private static readonly SearchValues<char> Digits = SearchValues.Create(Alphabet);
    private readonly string? _value;

    private PredictionId(string value) => _value = value;

    /// <summary>The id as text. The default value has none.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The prediction id is empty.");

    /// <summary>When the prediction was accepted, to the millisecond.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>12 hex digits that sort younger predictions before older ones.</summary>
    public string NewestFirst => (MaxMilliseconds - Milliseconds).ToString("x12");

    /// <summary>8 hex digits, the same for all predictions of one hour, that sort younger hours before older ones.</summary>
    public string HourNewestFirst => HourFolder(Time);

    private long Milliseconds
    {
        get
        {
            var result = 0L;
            foreach (var c in Value.AsSpan(0, TimeLength))
            {
                result = (result << 5) | (long)Alphabet.IndexOf(c, StringComparison.Ordinal);
            }

            return result;
        }
    }

    /// <summary>Draws a new id.</summary>
    public static PredictionId New(DateTimeOffset now, Random random)
    {
        var milliseconds = Math.Clamp(now.ToUnixTimeMilliseconds(), 0, MaxMilliseconds);
        return new PredictionId(
            string.Create(
                Length,
                (milliseconds, random),
                static (text, state) =>
                {
                    var left = state.milliseconds;
                    for (var i = TimeLength - 1; i >= 0; i--)
                    {
                        text[i] = Alphabet[(int)(left & 31)];
                        left >>= 5;
                    }

                    state.random.GetItems(Alphabet, text[TimeLength..]);
                }
            )
        );
    }

    /// <summary>The value of <see cref="HourNewestFirst"/> for predictions accepted in the hour of <paramref name="time"/>.</summary>
    public static string HourFolder(DateTimeOffset time) =>
        ((MaxMilliseconds / MillisecondsPerHour) - (time.ToUnixTimeMilliseconds() / MillisecondsPerHour)).ToString(
            "x8"
        );

    /// <summary>Reads an id that came from outside, in any letter case.</summary>
    /// <returns>Whether it has the form of one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out PredictionId id)
    {
        id = default;
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

        id = new PredictionId(folded);
        return true;
    }

    /// <summary>Reads an id that this program wrote.</summary>
    /// <exception cref="FormatException">The text is no prediction id.</exception>
    public static PredictionId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a prediction id.");

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
