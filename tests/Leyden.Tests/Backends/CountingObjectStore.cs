using Leyden.Storage;

namespace Leyden.Tests.Backends;

/// <summary>Counts what an object store is asked.</summary>
internal sealed class CountingObjectStore(IObjectStore inner) : IObjectStore
{
    private int _reads;
    private int _writes;

    public int Reads => _reads;

    public int Writes => _writes;

    public void Reset() => (_reads, _writes) = (0, 0);

    public Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return inner.GetAsync(key, cancellationToken);
    }

    public Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _writes);
        return inner.PutAsync(key, content, contentType, condition, cancellationToken);
    }

    public Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _writes);
        return inner.DeleteAsync(key, cancellationToken);
    }

    public Task<ObjectPage> ListAsync(string prefix, string? cursor, int limit, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, cursor, limit, cancellationToken);

    public Task<FolderPage> ListFoldersAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) => inner.ListFoldersAsync(prefix, cursor, limit, cancellationToken);

    public ValueTask<Uri> CreateReadUrlAsync(
        ObjectKey key,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    ) => inner.CreateReadUrlAsync(key, expiresAt, cancellationToken);
}
