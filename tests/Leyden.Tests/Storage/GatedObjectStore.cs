using Leyden.Storage;

namespace Leyden.Tests.Storage;

/// <summary>Holds the first write back until it is told to go on.</summary>
internal sealed class GatedObjectStore(IObjectStore inner) : IObjectStore
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When a write has begun.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _open.SetResult();

    public Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken) =>
        inner.GetAsync(key, cancellationToken);

    public async Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        _reached.TrySetResult();
        await _open.Task.WaitAsync(cancellationToken);
        return await inner.PutAsync(key, content, contentType, condition, cancellationToken);
    }

    public Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        inner.DeleteAsync(key, cancellationToken);

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
