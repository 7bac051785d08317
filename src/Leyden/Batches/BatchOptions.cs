using System.ComponentModel.DataAnnotations;

namespace Leyden.Batches;

/// <summary>How batches run. Configuration section <c>Leyden:Batches</c>.</summary>
public sealed class BatchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Batches";

    private const int DefaultMaxConcurrent = 60;

    /// <summary>
    /// How many predictions of one batch are under way at once, at most; rounded up to whole chunks of <see cref="Batch.ChunkSize"/>. More
    /// than its backend runs at once only lets others wait behind them. Default: 60. 1 to 2,000. Holds for batches submitted from then on.
    /// </summary>
    [Range(1, 2_000, ErrorMessage = Section + ":MaxConcurrent must be from 1 to 2000.")]
    public int MaxConcurrent { get; set; } = DefaultMaxConcurrent;

    /// <summary>How many chunks of a batch are under way at once.</summary>
    internal int Lanes => (MaxConcurrent + Batch.ChunkSize - 1) / Batch.ChunkSize;
}
