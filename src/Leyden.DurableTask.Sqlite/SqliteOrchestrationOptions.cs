namespace Leyden.DurableTask.Sqlite;

/// <summary>How hard a commit is pushed to the disk. Both levels keep the file consistent; they differ in what a power loss may take.</summary>
public enum SqliteSynchronous
{
    /// <summary>
    /// <c>PRAGMA synchronous=NORMAL</c>: the write-ahead log is flushed to the disk only at checkpoints. Everything acknowledged survives
    /// the death of the process (SIGKILL, crash, out of memory). After a power loss or a crash of the operating system the most recent
    /// transactions may be gone; the file itself stays consistent, so orchestrations resume from a slightly older state.
    /// </summary>
    Normal,

    /// <summary>
    /// <c>PRAGMA synchronous=FULL</c>: the write-ahead log is flushed at each group commit. Everything acknowledged survives a power loss too,
    /// as far as the disk tells the truth about flushing. Costs one flush per group of concurrent operations.
    /// </summary>
    Full,
}

/// <summary>Settings of <see cref="SqliteOrchestrationService"/>.</summary>
public sealed class SqliteOrchestrationOptions
{
    /// <summary>Default of <see cref="MaxConcurrentOrchestrations"/>.</summary>
    public const int DefaultMaxConcurrentOrchestrations = 64;

    /// <summary>Default of <see cref="MaxConcurrentActivities"/>.</summary>
    public const int DefaultMaxConcurrentActivities = 64;

    /// <summary>Default of <see cref="MaxDeliveryAttempts"/>.</summary>
    public const int DefaultMaxDeliveryAttempts = 10;

    /// <summary>Default of <see cref="HistoryCacheBytes"/>: 32 MiB.</summary>
    public const long DefaultHistoryCacheBytes = 32 * 1024 * 1024;

    /// <summary>
    /// The database file. Created with its folder when absent. Two side files appear beside it: <c>*.lock</c>, locked for as long as
    /// a service owns the database, and <c>*.owner</c>, which names the process that does. Must be on a local disk: neither the lock nor
    /// SQLite's write-ahead log work on network file systems. No default.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>
    /// What a commit survives. Default <see cref="SqliteSynchronous.Normal"/>: process crash, not power loss.
    /// </summary>
    public SqliteSynchronous Synchronous { get; init; } = SqliteSynchronous.Normal;

    /// <summary>
    /// How many orchestrations are executed (replayed) at once, 1 to 10,000. Default 64. An orchestration that waits for an activity,
    /// a timer or an event does not count: this bounds CPU work and memory, not how many instances may be open.
    /// </summary>
    public int MaxConcurrentOrchestrations { get; init; } = DefaultMaxConcurrentOrchestrations;

    /// <summary>How many activities run at once, 1 to 10,000. Default 64. Further ones wait in the database, oldest first.</summary>
    public int MaxConcurrentActivities { get; init; } = DefaultMaxConcurrentActivities;

    /// <summary>
    /// How often a message or an activity is handed out before it counts as poison, 2 to 1,000. Default 10. An activity that reaches the limit
    /// fails with a reason; a message of an orchestration that does fails its instance. Counted durably when handed out, so that work
    /// which kills the process is not repeated for ever. Work that was queued, but not yet running, when a process died may be counted
    /// once too often. Exceptions thrown by an activity or orchestrator are results, not failed deliveries: they do not count.
    /// </summary>
    public int MaxDeliveryAttempts { get; init; } = DefaultMaxDeliveryAttempts;

    /// <summary>
    /// Upper bound of the memory that keeps recent histories of running instances, in bytes of their stored form (the objects take a small
    /// multiple), 0 to 8 GiB. Default 32 MiB. A history found here need not be read and parsed again; 0 switches the cache off.
    /// </summary>
    public long HistoryCacheBytes { get; init; } = DefaultHistoryCacheBytes;

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names each one that is.</exception>
    internal void Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(Path))
        {
            errors.Add($"{nameof(Path)} must name a file");
        }
        else if (Path.Contains(":memory:", StringComparison.Ordinal))
        {
            errors.Add($"{nameof(Path)} must name a file: an in-memory database would not be durable");
        }

        if (!Enum.IsDefined(Synchronous))
        {
            errors.Add($"{nameof(Synchronous)} must be Normal or Full, not {Synchronous}");
        }

        Range(nameof(MaxConcurrentOrchestrations), MaxConcurrentOrchestrations, 1, 10_000);
        Range(nameof(MaxConcurrentActivities), MaxConcurrentActivities, 1, 10_000);
        Range(nameof(MaxDeliveryAttempts), MaxDeliveryAttempts, 2, 1_000);
        Range(nameof(HistoryCacheBytes), HistoryCacheBytes, 0, 8L * 1024 * 1024 * 1024);
        if (errors.Count > 0)
        {
            throw new ArgumentException($"Invalid {nameof(SqliteOrchestrationOptions)}: {string.Join("; ", errors)}.");
        }

        void Range(string name, long value, long min, long max)
        {
            if (value < min || value > max)
            {
                errors.Add($"{name} must be between {min} and {max}, not {value}");
            }
        }
    }
}
