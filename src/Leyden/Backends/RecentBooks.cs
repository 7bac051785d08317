using System.Collections.Concurrent;
using Leyden.Storage;

namespace Leyden.Backends;

/// <summary>
/// The books of backends as this process wrote them last, which saves reading them before the next write: while this process is alone at
/// them, they still are so. Once others turn out to write too, it is not relied on for a while.
/// </summary>
internal sealed class RecentBooks(TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Distrust = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    /// <summary>The books that were written a moment ago; null when there are none, or others write too.</summary>
    public Versioned<LedgerState>? Find(string backend) =>
        _entries.GetValueOrDefault(backend) is { Books: { } books } entry && time.GetElapsedTime(entry.At) < Freshness
            ? books
            : null;

    /// <summary>Keeps what was written.</summary>
    /// <param name="backend">Whose books.</param>
    /// <param name="written">As they are now.</param>
    /// <param name="wasStale">Whether what <see cref="Find"/> gave before had been overtaken by others.</param>
    public void Keep(string backend, Versioned<LedgerState> written, bool wasStale)
    {
        var now = time.GetTimestamp();
        var lost = wasStale ? now : _entries.GetValueOrDefault(backend)?.LostAt;
        var isTrusted = lost is null || time.GetElapsedTime(lost.Value, now) >= Distrust;
        _entries[backend] = new Entry(isTrusted ? written : null, now, lost);
    }

    private sealed record Entry(Versioned<LedgerState>? Books, long At, long? LostAt);
}
