using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite;

/// <summary>An opened database: the ownership of its file, its connections, and the schedules over it.</summary>
internal sealed class OpenDatabase : IAsyncDisposable
{
    private readonly FileOwnership _ownership;
    private readonly SqliteReaders _readers;
    private readonly TimeProvider _time;
    private readonly SqliteWriter _writer;

    private OpenDatabase(
        FileOwnership ownership,
        SqliteSession session,
        Run run,
        string path,
        TimeProvider time,
        ILogger logger
    )
    {
        _ownership = ownership;
        _time = time;
        Run = run;
        _writer = new SqliteWriter(session);
        _readers = new SqliteReaders(path);
        Schedules = new Schedules(_readers, time, logger);
    }

    public Run Run { get; }

    public Schedules Schedules { get; }

    public DateTime Now => _time.GetUtcNow().UtcDateTime;

    /// <exception cref="DatabaseInUseException">Another service owns the file.</exception>
    /// <exception cref="InvalidOperationException">The schema is newer than this library.</exception>
    public static OpenDatabase Open(SqliteOrchestrationOptions options, TimeProvider time, ILogger logger)
    {
        var path = Path.GetFullPath(options.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var ownership = FileOwnership.Take(path);
        SqliteSession? session = null;
        try
        {
            session = SqliteSession.Open(path, options.Synchronous, readOnly: false);
            Schema.Migrate(session, path);
            return new OpenDatabase(ownership, session, Run.Begin(session), path, time, logger);
        }
        catch
        {
            session?.Dispose();
            ownership.Dispose();
            throw;
        }
    }

    public Task<T> ReadAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken = default) =>
        _readers.RunAsync(body, cancellationToken);

    /// <summary>Runs an operation of the writer; what it announces is published right after its commit.</summary>
    public Task<Announcements> WriteAsync(
        Func<SqliteSession, Announcements> body,
        CancellationToken cancellationToken = default
    ) => _writer.RunAsync(body, announcements => announcements.Publish(Schedules), cancellationToken);

    /// <summary>As the other overload, for operations with a result.</summary>
    public Task<T> WriteAsync<T>(
        Func<SqliteSession, Announcements, T> body,
        CancellationToken cancellationToken = default
    )
    {
        var announcements = new Announcements();
        return _writer.RunAsync(
            session => body(session, announcements),
            _ => announcements.Publish(Schedules),
            cancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Schedules.DisposeAsync();
        await _writer.DisposeAsync();
        await _readers.DisposeAsync();
        _ownership.Dispose();
    }
}
