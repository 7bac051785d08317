namespace Leyden.Storage;

/// <summary>
/// How long one of several writers waits before it tries, so that all together get the most done. A race that is lost makes the wait longer
/// and one that is won makes it shorter by the same factor, so about every second try wins, which is where writers that do not see each
/// other get the most writes done (as on a shared radio channel, Abramson 1970). A writer alone never waits.
/// </summary>
internal sealed class WritePace(TimeProvider time, Random random)
{
    private const double Factor = 1.5;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private TimeSpan _interval;
    private long _lostAt;

    /// <summary>Waits for a random time around the present interval.</summary>
    public Task WaitAsync()
    {
        _interval = time.GetElapsedTime(_lostAt) < Memory ? _interval : TimeSpan.Zero;
        return _interval == TimeSpan.Zero
            ? Task.CompletedTask
            : Task.Delay(_interval * (2 * random.NextDouble()), time, CancellationToken.None);
    }

    /// <summary>Notes that a write was done.</summary>
    public void Won() => _interval = _interval <= Shortest ? TimeSpan.Zero : _interval / Factor;

    /// <summary>Notes that another writer was faster.</summary>
    public void Lost()
    {
        _lostAt = time.GetTimestamp();
        var longer = _interval < Shortest ? Shortest : _interval * Factor;
        _interval = longer < Longest ? longer : Longest;
    }
}
