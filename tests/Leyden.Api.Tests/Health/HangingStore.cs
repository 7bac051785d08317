using Leyden.Storage;

namespace Leyden.Api.Tests.Health;

/// <summary>An object store whose writes never end, not even when they are told to stop.</summary>
/// <param name="store">The real one.</param>
public sealed class HangingStore(IObjectStore store) : IObjectStore
{
    private volatile bool _hangs;

    public bool Hangs
    {
        set => _hangs = value;
    }

    public Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) =>
        _hangs
            ? new TaskCompletionSource<string?>().Task
            : store.PutAsync(key, content, contentType, condition, cancellationToken);

    public Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken) =>
        store.GetAsync(key, cancellationToken);

    public Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        store.DeleteAsync(key, cancellationToken);

    public Task<ObjectPage> ListAsync(string prefix, string? cursor, int limit, CancellationToken cancellationToken) =>
        store.ListAsync(prefix, cursor, limit, cancellationToken);

    public Task<FolderPage> ListFoldersAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) => store.ListFoldersAsync(prefix, cursor, limit, cancellationToken);

    public ValueTask<Uri> CreateReadUrlAsync(
        ObjectKey key,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    ) => store.CreateReadUrlAsync(key, expiresAt, cancellationToken);
}
