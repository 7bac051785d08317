using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Backends;

/// <summary>Counts what an object store is asked.</summary>
internal sealed class CountingObjectStore(IObjectStore inner) : ObjectStoreDecorator(inner)
{
    private int _reads;
    private int _writes;

    public int Reads => _reads;

    public int Writes => _writes;

    public void Reset() => (_reads, _writes) = (0, 0);

    public override Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return base.GetAsync(key, cancellationToken);
    }

    public override Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _writes);
        return base.PutAsync(key, content, contentType, condition, cancellationToken);
    }

    public override Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _writes);
        return base.DeleteAsync(key, cancellationToken);
    }
}
