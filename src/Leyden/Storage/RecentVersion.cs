namespace Leyden.Storage;

/// <summary>
/// A document as this process read or wrote it last, which saves reading it before the next write: while this process is alone at it, it
/// still is so. Once others turn out to write too, that is not relied on for a while.
/// </summary>
internal sealed class RecentVersion<T>(TimeProvider time)
    where T : class
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Distrust = TimeSpan.FromSeconds(30);

    private volatile Entry? _entry;
    private long? _lostAt;

    /// <summary>The version of a moment ago; null when there is none.</summary>
    public Versioned<T>? Any => _entry is { } entry && time.GetElapsedTime(entry.At) < Freshness ? entry.Version : null;

    /// <summary>The same; null also when others write too.</summary>
    public Versioned<T>? Trusted => _lostAt is { } lost && time.GetElapsedTime(lost) < Distrust ? null : Any;

    /// <summary>Keeps what was read or written.</summary>
    /// <param name="version">The document; null to read it next time.</param>
    public void Found(Versioned<T>? version) =>
        _entry = version is null ? null : new Entry(version, time.GetTimestamp());

    /// <summary>Notes that others write too.</summary>
    public void Lost()
    {
        _lostAt = time.GetTimestamp();
        Forget();
    }

    /// <summary>Keeps nothing.</summary>
    public void Forget() => _entry = null;

    private sealed record Entry(Versioned<T> Version, long At);
}
