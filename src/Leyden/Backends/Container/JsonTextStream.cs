namespace Leyden.Backends.Container;

/// <summary>The bytes of one JSON text as they arrive, from after its first quotation mark to its end. Reads only, and only forward.</summary>
internal sealed class JsonTextStream(JsonBytes json) : Stream
{
    /// <summary>Whether the text was read to its end.</summary>
    public bool IsComplete { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="FormatException">The text has an escape beyond ASCII: no data URL has one.</exception>
    /// <exception cref="EndOfStreamException">The answer ended in the text.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsComplete || buffer.IsEmpty)
        {
            return 0;
        }

        var length = await json.TakeTextAsync(buffer, cancellationToken);
        if (length > 0)
        {
            return length;
        }

        if (await json.TakeAsync(cancellationToken) == '"')
        {
            IsComplete = true;
            return 0;
        }

        var letter = await UnescapeAsync(cancellationToken);
        buffer.Span[0] = letter;
        return 1;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("It is read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() { }

    private async ValueTask<byte> UnescapeAsync(CancellationToken cancellationToken)
    {
        var escape = await json.TakeAsync(cancellationToken);
        if (escape is (byte)'/' or (byte)'"' or (byte)'\\')
        {
            return escape;
        }

        if (escape != 'u')
        {
            throw new FormatException("the output has an escape that no data URL has");
        }

        var code = 0;
        for (var i = 0; i < 4; i++)
        {
            var digit = await json.TakeAsync(cancellationToken);
            code = char.IsAsciiHexDigit((char)digit)
                ? (code << 4) | Convert.ToInt32(((char)digit).ToString(), 16)
                : throw new FormatException("the output has an escape of no hexadecimal digits");
        }

        return code < 0x80 ? (byte)code : throw new FormatException("the output has letters that no data URL has");
    }
}
