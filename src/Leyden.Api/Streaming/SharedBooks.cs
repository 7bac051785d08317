using Leyden.Backends;

namespace Leyden.Api.Streaming;

/// <summary>
/// The books of backends for those who only watch: read every two seconds at most, however many watch. What they tell may be as old.
/// </summary>
public sealed class SharedBooks(BackendLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long ReadAt, Task<LedgerState> Books)> _read = []; // as many as there are backends

    /// <summary>The books of a backend.</summary>
    public Task<LedgerState> ReadAsync(string backend, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (
                !_read.TryGetValue(backend, out var last)
                || last.Books.IsFaulted
                || time.GetElapsedTime(last.ReadAt) >= MaxAge
            )
            {
                // For all who wait for it: not to be stopped by one who leaves.
                last = (time.GetTimestamp(), Task.Run(() => ledger.ReadAsync(backend, CancellationToken.None)));
                _read[backend] = last;
            }

            return last.Books.WaitAsync(cancellationToken);
        }
    }
}
