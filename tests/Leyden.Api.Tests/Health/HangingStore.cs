using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Api.Tests.Health;

/// <summary>An object store whose writes never end, not even when they are told to stop.</summary>
/// <param name="store">The real one.</param>
public sealed class HangingStore(IObjectStore store) : ObjectStoreDecorator(store)
{
    private volatile bool _hangs;

    public bool Hangs
    {
        set => _hangs = value;
    }

    public override Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) =>
        _hangs
            ? new TaskCompletionSource<string?>().Task
            : base.PutAsync(key, content, contentType, condition, cancellationToken);
}
