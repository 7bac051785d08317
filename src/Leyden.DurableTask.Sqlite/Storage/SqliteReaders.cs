using System.Collections.Concurrent;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Read-only connections for what need not wait for the writer. In write-ahead-log mode a read sees everything committed before it began,
/// so a caller reads its own acknowledged writes. Reads run on the caller's thread; at most <see cref="MaxConnections"/> at once.
/// </summary>
internal sealed class SqliteReaders(string path) : IAsyncDisposable
{
    private const int MaxConnections = 4;

    private readonly SemaphoreSlim _free = new(MaxConnections, MaxConnections);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private bool _closed;

    public async Task<T> RunAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken = default)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (!_idle.TryTake(out var session))
            {
                session = SqliteSession.Open(path, SqliteSynchronous.Normal, readOnly: true);
            }

            try
            {
                // One transaction, so that several statements see one state of the file.
                session.Execute("BEGIN");
                try
                {
                    return body(session);
                }
                finally
                {
                    session.Execute("COMMIT");
                }
            }
            finally
            {
                _idle.Add(session);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the reads that run, then closes the connections; later reads are refused.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < MaxConnections; i++)
        {
            await _free.WaitAsync();
        }

        _closed = true;
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }

        // Who waits for a connection wakes up and finds the readers closed.
        _free.Release(MaxConnections);
    }
}
