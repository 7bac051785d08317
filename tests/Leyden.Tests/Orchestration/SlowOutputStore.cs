using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Orchestration;

/// <summary>An object store that takes its time for pictures, and remembers what was written of records.</summary>
internal sealed class SlowOutputStore(IObjectStore inner, TimeSpan delay) : ObjectStoreDecorator(inner)
{
    /// <summary>The records as they were written, one after the other.</summary>
    public ConcurrentQueue<JsonNode> Records { get; } = new();

    public override async Task<string?> PutAsync(
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

        return await base.PutAsync(key, content, contentType, condition, cancellationToken);
    }
}
