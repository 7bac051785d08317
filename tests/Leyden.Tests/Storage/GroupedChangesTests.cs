using CsCheck;
using Leyden.Storage;
using Leyden.Tests.Backends;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Storage;

public sealed class GroupedChangesTests : IDisposable
{
    private static readonly ObjectKey Key = new("documents/one.json");
    private readonly TemporaryFolder _folder = new();
    private readonly CountingObjectStore _store;

    public GroupedChangesTests() =>
        _store = new CountingObjectStore(new FolderObjectStore(_folder.Path, null, TimeProvider.System));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_asked_for_while_a_write_is_under_way_goes_into_the_next_one_together()
    {
        var gate = new GatedObjectStore(_store);
        var changes = Open(gate);
        var first = AddAsync(changes, "first");
        await gate.Reached;
        var others = Enumerable.Range(0, 100).Select(i => AddAsync(changes, $"{i}")).ToList();
        gate.Open();

        Assert.Equal(1, await first);
        // In the order of asking, and each sees those before it.
        Assert.Equal(Enumerable.Range(2, 100), await Task.WhenAll(others));
        Assert.Equal((1, 2), (_store.Reads, _store.Writes));
    }

    [Fact]
    public async Task A_change_that_fails_fails_alone()
    {
        var gate = new GatedObjectStore(_store);
        var changes = Open(gate);
        var first = AddAsync(changes, "first");
        await gate.Reached;
        var bad = changes.ChangeAsync<int>(_ => throw new InvalidOperationException("told to"), Stop);
        var good = AddAsync(changes, "second");
        gate.Open();

        Assert.Equal("told to", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.Equal((1, 2), (await first, await good));
    }

    [Fact]
    public async Task What_changes_nothing_is_not_written_and_is_found_by_a_read_of_its_own()
    {
        var changes = Open(_store);
        await AddAsync(changes, "ours");
        await AddAsync(Open(_store), "theirs");
        _store.Reset();

        var seen = await changes.ChangeAsync(d => (d, d.Entries.Count), Stop);

        Assert.Equal((2, 1, 0), (seen, _store.Reads, _store.Writes));
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_gone_at_once()
    {
        var gate = new GatedObjectStore(_store);
        var changes = Open(gate);
        var first = AddAsync(changes, "first");
        await gate.Reached;
        using var patience = new CancellationTokenSource();
        var second = changes.ChangeAsync(d => (d.With("second"), 0), patience.Token);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Open();
        await first;
        Assert.Equal(["first"], (await _store.GetJsonAsync<Document>(Key, Stop))!.Value.Entries);
    }

    [Fact]
    public async Task Processes_that_are_cut_short_at_any_write_lose_nothing_and_are_told_nothing_that_is_not_so() =>
        await Gen.Select(Gen.Int[1, 5], Gen.Int[1, 12], Gen.Int[3, 9])
            .SampleAsync(
                async (processes, each, failsEvery) =>
                {
                    using var folder = new TemporaryFolder();
                    var inner = new FolderObjectStore(folder.Path, null, TimeProvider.System);
                    var store = new FaultyObjectStore(inner) { FailsEvery = failsEvery };
                    await Task.WhenAll(
                        Enumerable
                            .Range(0, processes)
                            .Select(p => (Process: p, Changes: Open(store)))
                            .SelectMany(p =>
                                Enumerable
                                    .Range(0, each)
                                    .Select(i => UntilTrueAsync(p.Changes, inner, $"{p.Process}/{i}"))
                            )
                    );
                    var entries = (await inner.GetJsonAsync<Document>(Key, Stop))!.Value.Entries;
                    Assert.Equal(processes * each, entries.Count);
                    Assert.Equal(processes * each, entries.Distinct().Count());
                },
                iter: 15,
                threads: 1
            );

    private static GroupedChanges<Document> Open(IObjectStore store) =>
        new(store, Key, Document.Empty, TimeProvider.System, Randomness.Create());

    private static Task<int> AddAsync(GroupedChanges<Document> changes, string entry) =>
        changes.ChangeAsync(
            d =>
            {
                var after = d.With(entry);
                return (after, after.Entries.Count);
            },
            Stop
        );

    /// <summary>Repeats as an engine repeats a step.</summary>
    private static async Task UntilTrueAsync(GroupedChanges<Document> changes, IObjectStore store, string entry)
    {
        while (true)
        {
            try
            {
                await changes.ChangeAsync(d => (d.Entries.Contains(entry) ? d : d.With(entry), 0), Stop);
                Assert.Contains(entry, (await store.GetJsonAsync<Document>(Key, Stop))!.Value.Entries);
                return;
            }
            catch (IOException)
            {
                // Done or not: ask again.
            }
        }
    }

    private sealed record Document(IReadOnlyList<string> Entries)
    {
        public static Document Empty { get; } = new([]);

        public Document With(string entry) => new([.. Entries, entry]);
    }
}
