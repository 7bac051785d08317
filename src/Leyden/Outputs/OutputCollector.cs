using Leyden.Predictions;

namespace Leyden.Outputs;

/// <summary>Brings all pictures of a prediction into the object store, or none that counts: a repeat writes the same objects again.</summary>
public sealed class OutputCollector(OutputFetcher fetcher)
{
    /// <summary>Fetches the outputs of a finished run, all at once.</summary>
    /// <param name="prediction">Whose outputs.</param>
    /// <param name="sources">http(s) or data URLs, in order.</param>
    /// <param name="cancellationToken">Stops fetching.</param>
    public async Task<CollectOutcome> CollectAsync(
        Prediction prediction,
        IReadOnlyList<Uri> sources,
        CancellationToken cancellationToken
    )
    {
        var fetched = await Task.WhenAll(
            sources.Select(
                (source, index) =>
                    fetcher.FetchAsync(
                        source,
                        PredictionKeys.Output(prediction.Owner, prediction.Id, index),
                        cancellationToken
                    )
            )
        );
        if (fetched.OfType<FetchOutcome.Refused>().FirstOrDefault() is { } refused)
        {
            return new CollectOutcome.Refused(refused.Failure);
        }

        return fetched.OfType<FetchOutcome.Unavailable>().FirstOrDefault() is { } unavailable
            ? new CollectOutcome.Unavailable(unavailable.Failure)
            : new CollectOutcome.Stored([.. fetched.Cast<FetchOutcome.Stored>().Select(s => s.Output)]);
    }
}

/// <summary>What became of a prediction's outputs.</summary>
public abstract record CollectOutcome
{
    private CollectOutcome() { }

    /// <summary>All are in the object store.</summary>
    public sealed record Stored(IReadOnlyList<PredictionOutput> Outputs) : CollectOutcome;

    /// <summary>At least one could not be fetched now: try again later.</summary>
    public sealed record Unavailable(PredictionFailure Failure) : CollectOutcome;

    /// <summary>At least one is none that we take.</summary>
    public sealed record Refused(PredictionFailure Failure) : CollectOutcome;
}
