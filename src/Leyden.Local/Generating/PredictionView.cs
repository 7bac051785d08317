using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>A prediction as whoever follows it sees it, whether this process runs it or another.</summary>
internal sealed record PredictionView
{
    public required PredictionId Id { get; init; }
    public required PredictionStatus Status { get; init; }
    public required string Backend { get; init; }

    /// <summary>Whether the model is done and its pictures are being stored.</summary>
    public bool Storing { get; init; }

    /// <summary>How many are called before it; null when it does not wait for its backend.</summary>
    public int? Ahead { get; init; }

    public bool CancelRequested { get; init; }
    public uint? Seed { get; init; }

    /// <summary>Where each picture can be read, in the terms of the session that gave this view.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>From acceptance to the end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How long the model ran by the backend's clock.</summary>
    public TimeSpan? PredictTime { get; init; }

    /// <summary>In US dollars.</summary>
    public decimal? Cost { get; init; }

    public PredictionFailure? Failure { get; init; }
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Where it stands, in one or two words for people.</summary>
    public string Phase =>
        this switch
        {
            { Status: PredictionStatus.Succeeded } => "done",
            { Status: PredictionStatus.Failed } => "failed",
            { Status: PredictionStatus.Canceled } => "canceled",
            { CancelRequested: true } => "canceling",
            { Storing: true } => "storing",
            { Status: PredictionStatus.Queued, Ahead: { } ahead } => $"queued, {ahead + 1} in line",
            { Status: PredictionStatus.Queued } => "queued",
            _ => "running",
        };
}
