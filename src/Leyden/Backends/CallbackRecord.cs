using System.Text.Json.Serialization;

namespace Leyden.Backends;

/// <summary>
/// Whether a backend that is asked to report the end of predictions does so. It is learned, since neither its documentation nor our
/// address proves it: reports may be refused on the way, or never sent.
/// </summary>
public sealed record CallbackRecord
{
    private const int Needed = 3;

    /// <summary>Nothing known: not to be relied on.</summary>
    public static CallbackRecord Empty { get; } = new();

    /// <summary>How many of the last predictions in a row were reported, up to the number that is needed.</summary>
    public int InARow { get; init; }

    /// <summary>Whether the next report is worth waiting for.</summary>
    [JsonIgnore]
    public bool Works => InARow >= Needed;

    /// <summary>With what one more prediction showed.</summary>
    /// <param name="report">Whether a report came; null when a look of our own was faster, which shows nothing.</param>
    public CallbackRecord With(bool? report) =>
        report switch
        {
            true => this with { InARow = Math.Min(InARow + 1, Needed) },
            false => Empty,
            null => this,
        };
}
