using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Outputs;

#pragma warning disable
public sealed class OutputFetcher
{
    public Task<FetchOutcome> FetchAsync(Uri source, ObjectKey target, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}

public abstract record FetchOutcome
{
    public sealed record Stored(PredictionOutput Output) : FetchOutcome;

    public sealed record Unavailable(PredictionFailure Failure) : FetchOutcome;

    public sealed record Refused(PredictionFailure Failure) : FetchOutcome;
}
