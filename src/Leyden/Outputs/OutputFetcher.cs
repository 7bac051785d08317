using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Outputs;

/// <summary>Streams one output of a backend into the object store.</summary>
public sealed class OutputFetcher
{
    /// <summary>Fetches an output.</summary>
#pragma warning disable CA1822 // its dependencies follow
    public Task<FetchOutcome> FetchAsync(Uri source, ObjectKey target, CancellationToken cancellationToken) =>
        Task.FromResult<FetchOutcome>(
            new FetchOutcome.Unavailable(
                new PredictionFailure(
                    FailureCodes.OutputUnavailable,
                    true,
                    $"Nothing fetches {target} from {source.Host} yet."
                )
            )
        );
}
