using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Benchmarks.Scale;

/// <summary>Counts what is read and written, and the bytes of it.</summary>
internal sealed class MeasuredObjectStore(IObjectStore inner, Measures measures) : ObjectStoreDecorator(inner)
{
    public override async Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var found = await base.GetAsync(key, cancellationToken);
        measures.Read(found?.Length ?? 0);
        return found;
    }

    public override async Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        var bytes = content.Length;
        var tag = await base.PutAsync(key, content, contentType, condition, cancellationToken);
        measures.Written(bytes, isRefused: tag is null);
        return tag;
    }
}

/// <summary>What all processes together did to the books.</summary>
internal sealed class Measures
{
    private long _transactions;
    private long _reads;
    private long _writes;
    private long _refused;
    private long _bytesRead;
    private long _bytesWritten;

    /// <summary>As Azurite answered them: also those that only the client library knows of.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    public long Reads => Interlocked.Read(ref _reads);

    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Writes that lost a race; counted in <see cref="Writes"/> too.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    public void Transacted() => Interlocked.Increment(ref _transactions);

    public void Read(long bytes)
    {
        Interlocked.Increment(ref _reads);
        Interlocked.Add(ref _bytesRead, bytes);
    }

    public void Written(long bytes, bool isRefused)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _bytesWritten, bytes);
        if (isRefused)
        {
            Interlocked.Increment(ref _refused);
        }
    }
}
