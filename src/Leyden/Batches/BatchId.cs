using System.Diagnostics.CodeAnalysis;

namespace Leyden.Batches;

/// <summary>The name of a batch, and of its orchestration: a <see cref="Ulid"/> of the moment it was submitted.</summary>
public readonly record struct BatchId
{
    private readonly Ulid _ulid;

    private BatchId(Ulid ulid) => _ulid = ulid;

    /// <summary>The id as text. The default value has none.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Value => _ulid.Value;

    /// <summary>When the batch was submitted, to the millisecond.</summary>
    public DateTimeOffset Time => _ulid.Time;

    /// <summary>12 hex digits that sort younger batches before older ones.</summary>
    public string NewestFirst => _ulid.NewestFirst;

    /// <summary>8 hex digits, the same for all batches of one hour, that sort younger hours before older ones.</summary>
    public string HourNewestFirst => _ulid.HourNewestFirst;

    /// <summary>Draws a new id.</summary>
    public static BatchId New(DateTimeOffset now, Random random) => new(Ulid.New(now, random));

    /// <summary>Reads an id that came from outside, in any letter case.</summary>
    /// <returns>Whether it has the form of one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out BatchId id)
    {
        var isUlid = Ulid.TryParse(text, out var ulid);
        id = new BatchId(ulid);
        return isUlid;
    }

    /// <summary>Reads an id that this program wrote.</summary>
    /// <exception cref="FormatException">The text is no batch id.</exception>
    public static BatchId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a batch id.");

    /// <inheritdoc/>
    public override string ToString() => _ulid.ToString();
}
