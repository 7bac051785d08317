using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Tests.Orchestration;

/// <summary>An object store that takes its time for pictures, and remembers what was written of records.</summary>
internal sealed class SlowOutputStore(IObjectStore inner, TimeSpan delay) : IObjectStore
{
    /// <summary>The records as they were written, one after the other.</summary>
    public ConcurrentQueue<JsonNode> Records { get; } = new();

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
        if (key.Value.StartsWith(PredictionKeys.Records, StringComparison.Ordinal))
        {
            Records.Enqueue((await JsonNode.ParseAsync(content, cancellationToken: cancellationToken))!);
            content.Position = 0;
        }
        else if (key.Value.StartsWith("outputs/", StringComparison.Ordinal))
        {
            await Task.Delay(delay, TimeProvider.System, cancellationToken);
        }

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
