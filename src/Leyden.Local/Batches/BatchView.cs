using Leyden.Batches;
using Leyden.Predictions;

namespace Leyden.Local.Batches;

/// <summary>A batch as its command sees it, whether this process runs it or another.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Counts">What became of its items so far.</param>
/// <param name="IsCanceling">Whether it was asked to stop and has not yet.</param>
/// <param name="Fault">Why it failed; null when it did not.</param>
internal sealed record BatchView(
    BatchId Id,
    BatchStatus Status,
    BatchCounts Counts,
    bool IsCanceling = false,
    string? Fault = null
);

/// <summary>An item of a batch that has ended.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Id">Its prediction; null when it was never started.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Outputs">Where each picture can be read, in the terms of the session that gave this item.</param>
/// <param name="Fault">Why it failed; null when it did not.</param>
internal sealed record BatchItem(
    int Index,
    string? Id,
    PredictionStatus Status,
    IReadOnlyList<string> Outputs,
    string? Fault
);
