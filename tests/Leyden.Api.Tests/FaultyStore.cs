using Leyden.Storage;

namespace Leyden.Api.Tests;

/// <summary>An object store that fails on command.</summary>
/// <param name="store">The real one.</param>
public sealed class FaultyStore(IObjectStore store) : IObjectStore
{
    private volatile Func<Exception>? _fault;

    /// <summary>What every call throws; null for none.</summary>
    public Func<Exception>? Fault
    {
        set => _fault = value;
    }

    private IObjectStore Store => _fault is { } fault ? throw fault() : store;

    public Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken) =>
        Store.GetAsync(key, cancellationToken);

    public Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => Store.PutAsync(key, content, contentType, condition, cancellationToken);

    public Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        Store.DeleteAsync(key, cancellationToken);

    public Task<ObjectPage> ListAsync(string prefix, string? cursor, int limit, CancellationToken cancellationToken) =>
        Store.ListAsync(prefix, cursor, limit, cancellationToken);

    public Task<FolderPage> ListFoldersAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) => Store.ListFoldersAsync(prefix, cursor, limit, cancellationToken);

    public ValueTask<Uri> CreateReadUrlAsync(
        ObjectKey key,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    ) => Store.CreateReadUrlAsync(key, expiresAt, cancellationToken);
}
