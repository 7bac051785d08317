using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// The one writer. Operations that are waiting run together in one transaction (group commit), each under a savepoint, so that one that
/// fails takes nobody with it. An operation's task completes only after the commit: what a caller was told is in the file.
/// </summary>
/// <remarks>
/// Who queues an operation while nobody writes becomes the writer: it commits one group on its own thread, which spares an idle engine two
/// thread switches per step. If more has come meanwhile, a thread of the pool goes on, group by group. <see cref="_writing"/> says
/// whether somebody writes; it is set and cleared by atomic exchange, so that the connection is used by one thread at a time. Clearing it is
/// followed by another look at the queue: an operation queued just before found somebody writing and relies on that look.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Callers beyond this many wait (asynchronously) for room.</summary>
    private const int MaxQueued = 4096;

    /// <summary>Bounds how long the first operation of a group waits for the last.</summary>
    private const int MaxGroup = 256;

    private readonly List<Operation> _group = new(MaxGroup);
    private readonly Channel<Operation> _queue = Channel.CreateBounded<Operation>(MaxQueued);
    private readonly SqliteSession _session;
    private int _writing;

    public SqliteWriter(SqliteSession session) => _session = session;

    /// <summary>
    /// Runs an operation; its result is delivered after the commit. <paramref name="committed"/> runs before that, in the order of the
    /// commits: it must be quick.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The writer was disposed.</exception>
    public Task<T> RunAsync<T>(
        Func<SqliteSession, T> body,
        Action<T>? committed = null,
        CancellationToken cancellationToken = default
    )
    {
        var operation = new Operation<T>(body, committed);
        if (!_queue.Writer.TryWrite(operation))
        {
            return EnqueueAsync(operation, cancellationToken);
        }

        WriteIfNobodyDoes();
        return operation.Task;
    }

    /// <summary>Commits what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            WriteIfNobodyDoes();
            await _queue.Reader.Completion;
            // Whoever has emptied the queue may still be committing.
            while (Interlocked.Exchange(ref _writing, 1) != 0)
            {
                await Task.Yield();
            }

            _session.Dispose();
        }
    }

    private async Task<T> EnqueueAsync<T>(Operation<T> operation, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(operation, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteOrchestrationService));
        }

        WriteIfNobodyDoes();
        return await operation.Task;
    }

    private void WriteIfNobodyDoes()
    {
        if (Interlocked.Exchange(ref _writing, 1) == 0)
        {
            WriteGroup();
        }
    }

    /// <summary>Commits one group; called by the one who has set <see cref="_writing"/>.</summary>
    private void WriteGroup()
    {
        while (_group.Count < MaxGroup && _queue.Reader.TryRead(out var operation))
        {
            _group.Add(operation);
        }

        if (_group.Count > 0)
        {
            Commit(_group);
            _group.Clear();
        }

        Interlocked.Exchange(ref _writing, 0);
        if (_queue.Reader.TryPeek(out _) && Interlocked.Exchange(ref _writing, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.WriteGroup(), this, preferLocal: false);
        }
    }

    private void Commit(List<Operation> group)
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var operation in group)
            {
                RunUnderSavepoint(operation);
            }

            _session.Execute("COMMIT");
        }
#pragma warning disable CA1031 // Boundary: the callers get the exception, the writer goes on with the next group.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RollBack();
            foreach (var operation in group)
            {
                operation.Fail(e);
            }
        }

        foreach (var operation in group)
        {
            operation.Finish();
        }
    }

    private void RunUnderSavepoint(Operation operation)
    {
        _session.Execute("SAVEPOINT operation");
        try
        {
            operation.Run(_session);
        }
#pragma warning disable CA1031 // Boundary: the operation's caller gets the exception, the rest of the group goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (_session.IsAutocommit)
            {
                // SQLite has rolled back the whole transaction by itself: nothing of this group is in the file.
                throw;
            }

            _session.Execute("ROLLBACK TO operation");
            operation.Fail(e);
        }

        _session.Execute("RELEASE operation");
    }

    private void RollBack()
    {
        try
        {
            if (!_session.IsAutocommit)
            {
                _session.Execute("ROLLBACK");
            }
        }
        catch (SqliteException)
        {
            // The callers already get the first failure. Should the transaction still be open, the next BEGIN fails its group in turn.
        }
    }

    private abstract class Operation
    {
        public abstract void Run(SqliteSession session);

        public abstract void Fail(Exception exception);

        /// <summary>Tells the caller; called once, after commit or roll-back.</summary>
        public abstract void Finish();
    }

    private sealed class Operation<T>(Func<SqliteSession, T> body, Action<T>? committed) : Operation
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _exception;
        private T? _result;

        public Task<T> Task => _completion.Task;

        public override void Run(SqliteSession session) => _result = body(session);

        public override void Fail(Exception exception) => _exception ??= exception;

        public override void Finish()
        {
            if (_exception is null)
            {
                try
                {
                    committed?.Invoke(_result!);
                }
#pragma warning disable CA1031 // Boundary: the caller gets the exception, the writer's thread lives on.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    _exception = e;
                }
            }

            if (_exception is { } exception)
            {
                _completion.SetException(exception);
            }
            else
            {
                _completion.SetResult(_result!);
            }
        }
    }
}
