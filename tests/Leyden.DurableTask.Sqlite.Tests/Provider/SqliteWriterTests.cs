namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class SqliteWriterTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("leyden-engine-");
    private readonly SqliteReaders _readers;
    private readonly SqliteWriter _writer;

    public SqliteWriterTests()
    {
        var path = Path.Combine(_directory.FullName, "x.db");
        var session = SqliteSession.Open(path, SqliteSynchronous.Normal, readOnly: false);
        session.ExecuteScript("CREATE TABLE numbers(n INTEGER PRIMARY KEY)");
        _writer = new SqliteWriter(session);
        _readers = new SqliteReaders(path);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _readers.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task An_operation_that_fails_is_rolled_back_and_takes_nobody_with_it()
    {
        using var gate = new SemaphoreSlim(0);
        var block = await BlockAsync(gate);
        var before = InsertAsync(1);
        var failing = _writer.RunAsync<int>(
            session =>
            {
                session.Execute("INSERT INTO numbers VALUES(2)");
                throw new InvalidOperationException("no");
            },
            cancellationToken: TestContext.Current.CancellationToken
        );
        var after = InsertAsync(3);
        gate.Release();

        await Task.WhenAll(block, before, after);
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal([1, 3], await NumbersAsync());
    }

    [Fact]
    public async Task When_sqlite_rolls_the_whole_transaction_back_every_operation_of_the_group_is_told()
    {
        using var gate = new SemaphoreSlim(0);
        var block = await BlockAsync(gate);
        var before = InsertAsync(1);
        // What SQLite does by itself on a full disk or an I/O error.
        var breaking = _writer.RunAsync<int>(
            session =>
            {
                session.Execute("ROLLBACK");
                throw new InvalidOperationException("disk full");
            },
            cancellationToken: TestContext.Current.CancellationToken
        );
        var after = InsertAsync(3);
        gate.Release();

        await block;
        await Assert.ThrowsAsync<InvalidOperationException>(() => before);
        await Assert.ThrowsAsync<InvalidOperationException>(() => breaking);
        await Assert.ThrowsAsync<InvalidOperationException>(() => after);
        Assert.Empty(await NumbersAsync());
        await InsertAsync(4);
        Assert.Equal([4], await NumbersAsync());
    }

    [Fact]
    public async Task Committed_operations_are_announced_in_their_order_and_before_their_callers_go_on()
    {
        var announced = new List<int>();

        var tasks = Enumerable
            .Range(0, 1000)
            .Select(i => _writer.RunAsync(_ => i, announced.Add, TestContext.Current.CancellationToken))
            .ToList();
        await Task.WhenAll(tasks);

        Assert.Equal(Enumerable.Range(0, 1000), announced);
    }

    [Fact]
    public async Task An_operation_that_was_rolled_back_is_not_announced()
    {
        var announced = 0;

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            _writer.RunAsync<int>(
                _ => throw new InvalidOperationException("no"),
                _ => announced++,
                TestContext.Current.CancellationToken
            )
        );

        Assert.Equal(0, announced);
    }

    [Fact]
    public async Task Disposing_commits_what_is_queued_and_then_refuses()
    {
        var last = Enumerable.Range(1, 500).Select(i => InsertAsync(i)).ToList();

        await _writer.DisposeAsync();

        await Task.WhenAll(last);
        Assert.Equal(500, (await NumbersAsync()).Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => InsertAsync(501));
    }

    /// <summary>Blocks the writer until the gate opens, so that the operations queued meanwhile share one transaction.</summary>
    private async Task<Task<int>> BlockAsync(SemaphoreSlim gate)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // On a thread of its own: who finds the writer idle writes himself.
        var block = Task.Run(
            () =>
                _writer.RunAsync(_ =>
                {
                    started.SetResult();
                    gate.Wait(TestContext.Current.CancellationToken);
                    return 0;
                }),
            TestContext.Current.CancellationToken
        );
        await started.Task;
        return block;
    }

    private Task<int> InsertAsync(long number) =>
        _writer.RunAsync(session => session.Execute("INSERT INTO numbers VALUES($0)", number));

    private Task<List<long>> NumbersAsync() =>
        _readers.RunAsync(session => session.Query("SELECT n FROM numbers ORDER BY n", row => row.GetInt64(0)));
}
