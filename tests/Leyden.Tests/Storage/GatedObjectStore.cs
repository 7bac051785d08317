using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Storage;

/// <summary>Holds the first write back until it is told to go on.</summary>
internal sealed class GatedObjectStore(IObjectStore inner) : ObjectStoreDecorator(inner)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When a write has begun.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _open.SetResult();

    public override async Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        _reached.TrySetResult();
        await _open.Task.WaitAsync(cancellationToken);
        return await base.PutAsync(key, content, contentType, condition, cancellationToken);
    }
}
