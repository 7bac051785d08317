using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// The one writer. A thread of its own takes all operations that are waiting and runs them in one transaction (group commit), each under a
/// savepoint, so that one that fails takes nobody with it. An operation's task completes only after the commit: what a caller was told is
/// in the file.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Callers beyond this many wait (asynchronously) for room.</summary>
    private const int MaxQueued = 4096;

    /// <summary>Bounds how long the first operation of a group waits for the last.</summary>
    private const int MaxGroup = 256;

    private readonly Channel<Operation> _queue = Channel.CreateBounded<Operation>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true }
    );
    private readonly SqliteSession _session;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SqliteWriter(SqliteSession session)
    {
        _session = session;
        new Thread(Loop) { IsBackground = true, Name = "Leyden.DurableTask.Sqlite writer" }.Start();
    }

    /// <summary>
    /// Runs an operation; its result is delivered after the commit. <paramref name="committed"/> runs before that, on the writer's thread, in
    /// the order of the commits: it must be quick.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The writer was disposed.</exception>
    public Task<T> RunAsync<T>(
        Func<SqliteSession, T> body,
        Action<T>? committed = null,
        CancellationToken cancellationToken = default
    )
    {
        var operation = new Operation<T>(body, committed);
        return _queue.Writer.TryWrite(operation) ? operation.Task : EnqueueAsync(operation, cancellationToken);
    }

    /// <summary>Commits what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopped.Task;
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

        return await operation.Task;
    }

    private void Loop()
    {
        var group = new List<Operation>(MaxGroup);
        while (Next(out var first))
        {
            group.Add(first);
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var more))
            {
                group.Add(more);
            }

            Commit(group);
            group.Clear();
        }

        _session.Dispose();
        _stopped.SetResult();
    }

    private bool Next(out Operation operation)
    {
        // This thread has nothing else to do than to block here.
        while (!_queue.Reader.TryRead(out operation!))
        {
            if (!_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                return false;
            }
        }

        return true;
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
