using System.Diagnostics.Metrics;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Leyden.Tests.Orchestration;
using Leyden.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Tests.Backends;

/// <summary>The books in the object store: how many transactions they cost, and that several processes keep them together.</summary>
public sealed class BackendLedgerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ScriptedBackend _backend = new() { Limits = new(60, 1, TimeSpan.FromSeconds(1), false) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_process_alone_reads_the_books_once()
    {
        var (ledger, store) = Open();
        var first = New();

        await ledger.EnterAsync(_backend, first, Stop);
        await ledger.RequestAsync(_backend, first, Stop);
        await ledger.LeaveAsync(_backend, first, null, Stop);

        Assert.Equal((1, 3), (store.Reads, store.Writes));
    }

    [Fact]
    public async Task Processes_that_take_turns_give_a_place_to_one_only()
    {
        var (one, _) = Open();
        var (other, _) = Open();
        var first = New();
        var second = New();

        Assert.IsType<LedgerAnswer.Go>(await one.EnterAsync(_backend, first, Stop));
        Assert.IsType<LedgerAnswer.Queued>(await other.EnterAsync(_backend, second, Stop));
        // The books that the first process remembers have been overtaken.
        Assert.Equal([second.Id.Value], await one.LeaveAsync(_backend, first, null, Stop));
        Assert.IsType<LedgerAnswer.Go>(await other.EnterAsync(_backend, second, Stop));
    }

    [Fact]
    public async Task Once_others_write_too_the_books_are_read_before_each_write()
    {
        var (one, store) = Open();
        var (other, _) = Open();
        var prediction = New();
        await one.EnterAsync(_backend, prediction, Stop);
        await other.EnterAsync(_backend, New(), Stop);
        await one.RequestAsync(_backend, prediction, Stop); // finds that out

        store.Reset();
        await one.RequestAsync(_backend, prediction, Stop);
        await one.RequestAsync(_backend, prediction, Stop);
        Assert.Equal((2, 2), (store.Reads, store.Writes));

        _time.Advance(TimeSpan.FromMinutes(1));
        await one.RequestAsync(_backend, prediction, Stop);
        store.Reset();
        await one.RequestAsync(_backend, prediction, Stop);
        Assert.Equal((0, 1), (store.Reads, store.Writes));
    }

    private Prediction New() =>
        new()
        {
            Id = PredictionId.New(_time.GetUtcNow(), Randomness.Create()),
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = [],
            Workload = "w",
            Backend = _backend.Name,
            Status = PredictionStatus.Queued,
            CreatedAt = _time.GetUtcNow(),
            Deadline = _time.GetUtcNow() + TimeSpan.FromMinutes(10),
        };

    private (BackendLedger Ledger, CountingObjectStore Store) Open()
    {
        var store = new CountingObjectStore(new FolderObjectStore(_folder.Path, null, TimeProvider.System));
        var metrics = new LeydenMetrics(_services.GetRequiredService<IMeterFactory>());
        return (new BackendLedger(store, metrics, _time, Randomness.Create()), store);
    }
}
