namespace Leyden.Storage;

/// <summary>
/// Changes a document that others change at the same time: read, compute, write back if it is still the one that was read,
/// else start again after a short random pause.
/// </summary>
/// <param name="store">Where the documents are.</param>
/// <param name="time">Measures the pauses.</param>
/// <param name="random">Spreads the pauses, so that competitors do not meet again.</param>
public sealed class CompareAndSwap(IObjectStore store, TimeProvider time, Random random)
{
    private const int MaxAttempts = 50;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    /// <summary>Changes a document.</summary>
    /// <param name="key">Which.</param>
    /// <param name="change">
    /// Gets the document (null when there is none) and gives the new one, or null to leave it as it is. Called again after
    /// each lost race, so it must be a pure function.
    /// </param>
    /// <param name="cancellationToken">Stops trying; the document is then as before.</param>
    /// <param name="known">The document as the caller read it before, which saves a read when it still is so.</param>
    /// <returns>The document as it is after the call; null when there is none.</returns>
    /// <exception cref="ContentionException">The race was lost 50 times.</exception>
    public async Task<Versioned<T>?> ChangeAsync<T>(
        ObjectKey key,
        Func<T?, T?> change,
        CancellationToken cancellationToken,
        Versioned<T>? known = null
    )
        where T : class
    {
        // To leave a document as it is needs to know how it is: what was read before does not decide that.
        known = known is not null && change(known.Value) is not null ? known : null;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var found = known ?? await store.GetJsonAsync<T>(key, cancellationToken);
            known = null;
            if (change(found?.Value) is not { } changed)
            {
                return found;
            }

            var condition = found is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(found.ETag);
            if (await store.PutJsonAsync(key, changed, condition, cancellationToken) is { } written)
            {
                return new Versioned<T>(changed, written);
            }

            var longest = Math.Min(LongestPause.TotalMilliseconds, 4 * Math.Pow(2, attempt));
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * longest), time, cancellationToken);
        }

        throw new ContentionException($"The object {key} was changed by others {MaxAttempts} times in a row.");
    }
}

/// <summary>Too many writers at one document: repeat later.</summary>
public sealed class ContentionException(string message) : Exception(message);
