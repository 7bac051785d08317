using System.Runtime.CompilerServices;

namespace Leyden.Predictions;

/// <summary>
/// Follows predictions by their records: at once when this process changes them, else by reading now and then. The durable engine
/// is not asked: on Azure its answers come in steps of two seconds.
/// </summary>
public sealed class PredictionWatcher(PredictionStore store, PredictionChanges changes, TimeProvider time)
{
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits for a prediction to end.</summary>
    /// <returns>The prediction at its end, or as it is after <paramref name="longest"/>; null when there is none.</returns>
    public async Task<Prediction?> WaitAsync(
        Owner owner,
        PredictionId id,
        TimeSpan longest,
        CancellationToken cancellationToken
    )
    {
        var start = time.GetTimestamp();
        Prediction? last = null;
        await foreach (var seen in FollowAsync(owner, id, cancellationToken))
        {
            last = seen;
            if (seen.Status.IsTerminal() || time.GetElapsedTime(start) >= longest)
            {
                break;
            }
        }

        return last;
    }

    /// <summary>Gives the record as it is, and again every half second or as soon as it has changed, until it has ended.</summary>
    public async IAsyncEnumerable<Prediction> FollowAsync(
        Owner owner,
        PredictionId id,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watch = changes.Begin(id);
        while (await store.FindAsync(owner, id, cancellationToken) is { } prediction)
        {
            yield return prediction;
            if (prediction.Status.IsTerminal())
            {
                yield break;
            }

            await watch.NextAsync(ReadInterval, time, cancellationToken);
        }
    }
}
