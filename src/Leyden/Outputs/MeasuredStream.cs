using System.Security.Cryptography;

namespace Leyden.Outputs;

/// <summary>
/// Passes on a head that was read already and then the rest of a stream; counts, hashes, and stops at a limit. Reads only, and
/// only forward.
/// </summary>
internal sealed class MeasuredStream(ReadOnlyMemory<byte> head, Stream rest, long maxBytes) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ReadOnlyMemory<byte> _head = head;

    /// <summary>Bytes passed on so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether the source had more bytes than the limit.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Whether the source was read to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What the source failed with; null while it has not. Stores may wrap what they see of it.</summary>
    public Exception? SourceFault { get; private set; }

    /// <summary>The hash of what was passed on, lower-case hex.</summary>
    public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        var read = await ReadSourceAsync(buffer, cancellationToken);
        Count += read;
        IsComplete |= read == 0;
        IsTooLong = Count > maxBytes;
        if (IsTooLong)
        {
            throw new IOException($"The output has more than {maxBytes} bytes.");
        }

        _hash.AppendData(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("An output is read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadSourceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_head.IsEmpty)
        {
            var length = Math.Min(_head.Length, buffer.Length);
            _head[..length].CopyTo(buffer);
            _head = _head[length..];
            return length;
        }

        try
        {
            return await rest.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception fault)
        {
            SourceFault = fault;
            throw;
        }
    }
}
