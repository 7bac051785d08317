using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Leyden.Predictions;

/// <summary>
/// The name of a prediction: a <see cref="Ulid"/> of the moment it was accepted. Being a time as well, the id alone tells where
/// the record is and where it stands in a list.
/// </summary>
public readonly record struct PredictionId
{
    private readonly Ulid _ulid;

    private PredictionId(Ulid ulid) => _ulid = ulid;

    /// <summary>The id as text. The default value has none.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Value => _ulid.Value;

    /// <summary>When the prediction was accepted, to the millisecond.</summary>
    public DateTimeOffset Time => _ulid.Time;

    /// <summary>12 hex digits that sort younger predictions before older ones.</summary>
    public string NewestFirst => _ulid.NewestFirst;

    /// <summary>8 hex digits, the same for all predictions of one hour, that sort younger hours before older ones.</summary>
    public string HourNewestFirst => _ulid.HourNewestFirst;

    /// <summary>Draws a new id.</summary>
    public static PredictionId New(DateTimeOffset now, Random random) => new(Ulid.New(now, random));

    /// <summary>The one id of a member of a larger whole, so that a repeated acceptance finds what it accepted before.</summary>
    /// <param name="time">When it was accepted.</param>
    /// <param name="index">Its number within the whole, 0…65,535; ids of one moment sort by it.</param>
    /// <param name="whole">The name of the whole, which no other has.</param>
    public static PredictionId Member(DateTimeOffset time, int index, string whole)
    {
        Span<byte> tail = stackalloc byte[Ulid.TailBytes];
        BinaryPrimitives.WriteUInt16BigEndian(tail, checked((ushort)index));
        SHA256.HashData(Encoding.UTF8.GetBytes($"{whole}/{index}")).AsSpan(0, tail.Length - 2).CopyTo(tail[2..]);
        return new PredictionId(Ulid.Of(time, tail));
    }

    /// <summary>The value of <see cref="HourNewestFirst"/> for predictions accepted in the hour of <paramref name="time"/>.</summary>
    public static string HourFolder(DateTimeOffset time) => Ulid.HourFolder(time);

    /// <summary>Reads an id that came from outside, in any letter case.</summary>
    /// <returns>Whether it has the form of one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out PredictionId id)
    {
        var isUlid = Ulid.TryParse(text, out var ulid);
        id = new PredictionId(ulid);
        return isUlid;
    }

    /// <summary>Reads an id that this program wrote.</summary>
    /// <exception cref="FormatException">The text is no prediction id.</exception>
    public static PredictionId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a prediction id.");

    /// <inheritdoc/>
    public override string ToString() => _ulid.ToString();
}
