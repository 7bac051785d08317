using Leyden.Storage;

namespace Leyden.TestSupport;

/// <summary>An object store that hands everything on; those derived from it change what they are about.</summary>
public abstract class ObjectStoreDecorator(IObjectStore inner) : IObjectStore
{
    public virtual Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken) =>
        inner.GetAsync(key, cancellationToken);

    public virtual Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => inner.PutAsync(key, content, contentType, condition, cancellationToken);

    public virtual Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        inner.DeleteAsync(key, cancellationToken);

    public virtual Task<ObjectPage> ListAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) => inner.ListAsync(prefix, cursor, limit, cancellationToken);

    public virtual Task<FolderPage> ListFoldersAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) => inner.ListFoldersAsync(prefix, cursor, limit, cancellationToken);

    public virtual ValueTask<Uri> CreateReadUrlAsync(
        ObjectKey key,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    ) => inner.CreateReadUrlAsync(key, expiresAt, cancellationToken);
}
