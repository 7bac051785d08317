using Leyden.Predictions;

namespace Leyden.Outputs;

/// <summary>What became of fetching one output.</summary>
public abstract record FetchOutcome
{
    private FetchOutcome() { }

    /// <summary>It is in the object store.</summary>
    public sealed record Stored(PredictionOutput Output) : FetchOutcome;

    /// <summary>It could not be fetched now (time-out, 404, 5xx, dropped connection): try again later.</summary>
    public sealed record Unavailable(PredictionFailure Failure) : FetchOutcome;

    /// <summary>It is none that we take (no picture, too large, a forbidden address): a repeat would find the same.</summary>
    public sealed record Refused(PredictionFailure Failure) : FetchOutcome;
}
