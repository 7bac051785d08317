namespace Leyden.Tests.Storage;

/// <summary>A stream of so many computed bytes, read once from start to end as a download is, that holds none of them.</summary>
/// <param name="length">How many.</param>
/// <param name="seed">Added to each byte, so that streams differ in every one.</param>
internal sealed class GeneratedStream(long length, byte seed = 0) : Stream
{
    private long _position;

    /// <summary>Something to do when this byte is about to be read.</summary>
    public (long Position, Action Do)? AtByte { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - _position);
        for (var index = 0; index < count; index++)
        {
            buffer[index] = (byte)(ByteAt(_position + index) + seed);
        }

        if (AtByte is { } at && at.Position >= _position && at.Position < _position + count)
        {
            at.Do();
        }

        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public static byte ByteAt(long position) => (byte)(position * 31 + position / 251);
}
