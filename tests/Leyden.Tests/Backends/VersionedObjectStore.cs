using System.Collections.Concurrent;
using System.Text.Json;
using Leyden.Backends;
using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Backends;

/// <summary>Keeps every version of a backend's books that was ever written.</summary>
internal sealed class VersionedObjectStore(IObjectStore inner) : ObjectStoreDecorator(inner)
{
    private readonly ConcurrentDictionary<string, (string Tag, LedgerState Books)> _after = new();

    /// <summary>All versions, in the order of their writes.</summary>
    public IReadOnlyList<LedgerState> Versions
    {
        get
        {
            var versions = new List<LedgerState>();
            for (var tag = ""; _after.TryGetValue(tag, out var next); tag = next.Tag)
            {
                versions.Add(next.Books);
            }

            Assert.Equal(_after.Count, versions.Count);
            return versions;
        }
    }

    public override async Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        var books = (
            await JsonSerializer.DeserializeAsync<LedgerState>(content, LeydenJson.Options, cancellationToken)
        )!;
        content.Position = 0;
        var tag = await base.PutAsync(key, content, contentType, condition, cancellationToken);
        if (tag is not null)
        {
            Assert.True(_after.TryAdd(condition.ETag ?? "", (tag, books)), "two writes over the same version");
        }

        return tag;
    }
}
