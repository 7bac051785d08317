using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class CompareAndSwapTests : IDisposable
{
    private static readonly ObjectKey Key = new("documents/one.json");
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;
    private readonly CompareAndSwap _compareAndSwap;

    public CompareAndSwapTests()
    {
        _store = new FolderObjectStore(_folder.Path, null, TimeProvider.System);
        _compareAndSwap = new CompareAndSwap(_store, TimeProvider.System, Randomness.Create());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_caller_has_read_is_changed_without_reading_it_again()
    {
        var known = await WriteAsync(1);
        var seen = new List<int>();

        var changed = await _compareAndSwap.ChangeAsync(Key, Noting(seen), Stop, known);

        Assert.Equal(2, changed!.Value.Number);
        Assert.All(seen, number => Assert.Equal(1, number));
        Assert.Equal(changed.ETag, (await _store.GetJsonAsync<Document>(Key, Stop))!.ETag);
    }

    [Fact]
    public async Task A_document_that_others_have_changed_since_is_read_again()
    {
        var known = await WriteAsync(1);
        await WriteAsync(10);

        var changed = await _compareAndSwap.ChangeAsync(Key, Noting([]), Stop, known);

        Assert.Equal(11, changed!.Value.Number);
    }

    [Fact]
    public async Task Whether_a_document_stays_as_it_is_is_decided_on_the_present_one()
    {
        var known = await WriteAsync(1);
        await WriteAsync(10);

        var changed = await _compareAndSwap.ChangeAsync<Document>(
            Key,
            document => document!.Number == 1 ? null : new Document(99),
            Stop,
            known
        );

        Assert.Equal(99, changed!.Value.Number);
    }

    private static Func<Document?, Document?> Noting(List<int> seen) =>
        document =>
        {
            seen.Add(document!.Number);
            return new Document(document.Number + 1);
        };

    private async Task<Versioned<Document>> WriteAsync(int number)
    {
        var document = new Document(number);
        return new(document, (await _store.PutJsonAsync(Key, document, WriteCondition.None, Stop))!);
    }

    private sealed record Document(int Number);
}
