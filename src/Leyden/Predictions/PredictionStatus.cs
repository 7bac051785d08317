namespace Leyden.Predictions;

/// <summary>Where a prediction stands. Dialects map these words at the edge; nothing inside knows others.</summary>
public enum PredictionStatus
{
    /// <summary>Accepted by us; not yet given to a backend.</summary>
    Queued,

    /// <summary>Given to a backend, or about to be.</summary>
    Starting,

    /// <summary>The model runs, or its pictures are being stored.</summary>
    Processing,

    /// <summary>Finished: every picture is in the object store.</summary>
    Succeeded,

    /// <summary>Finished without a result.</summary>
    Failed,

    /// <summary>Stopped at the caller's request.</summary>
    Canceled,
}

/// <summary>The legal ways of a prediction through its statuses.</summary>
public static class PredictionStatusTransitions
{
    /// <summary>Whether nothing can change any more.</summary>
    public static bool IsTerminal(this PredictionStatus status) =>
        status is PredictionStatus.Succeeded or PredictionStatus.Failed or PredictionStatus.Canceled;

    /// <summary>
    /// Whether a record may go from one status to another. Time runs one way (queued, starting, processing, an end), with one
    /// exception: a submission that certainly did not reach the backend puts the prediction back into the queue.
    /// </summary>
    public static bool CanBecome(this PredictionStatus from, PredictionStatus to) =>
        (from, to) switch
        {
            _ when from.IsTerminal() => false,
            _ when from == to => true,
            (PredictionStatus.Starting, PredictionStatus.Queued) => true,
            _ => to > from,
        };
}
