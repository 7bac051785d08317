using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>Where the predictions of one <c>generate</c> run: in this process, or in a server that owns the data folder.</summary>
internal interface IPredictionSession : IAsyncDisposable
{
    /// <summary>Starts a prediction.</summary>
    /// <exception cref="UsageException">The host that runs it found faults in what is asked.</exception>
    Task<PredictionView> StartAsync(PredictionRequest request, CancellationToken cancellationToken);

    /// <summary>Gives the prediction as it is, and again when it may have changed, until it has ended.</summary>
    IAsyncEnumerable<PredictionView> FollowAsync(PredictionId id, CancellationToken cancellationToken);

    /// <summary>Asks to cancel it; following tells what came of it.</summary>
    Task CancelAsync(PredictionId id, CancellationToken cancellationToken);

    /// <summary>Opens one of its pictures.</summary>
    Task<Stream> OpenOutputAsync(PredictionView prediction, int index, CancellationToken cancellationToken);
}
