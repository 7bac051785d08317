namespace Leyden.Outputs;

/// <summary>The bytes of a Base64 text, decoded piece by piece. Reads only, and only forward.</summary>
internal sealed class Base64TextStream(ReadOnlyMemory<char> text) : Stream
{
    private const int GroupLength = 4;
    private const int PieceLength = GroupLength * 4096;
    private readonly byte[] _piece = new byte[PieceLength / GroupLength * 3];
    private ReadOnlyMemory<char> _text = text;
    private ReadOnlyMemory<byte> _decoded;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="FormatException">The text is not Base64.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_decoded.IsEmpty)
        {
            DecodePiece();
        }

        var length = Math.Min(_decoded.Length, buffer.Length);
        _decoded.Span[..length].CopyTo(buffer);
        _decoded = _decoded[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() { }

    private void DecodePiece()
    {
        var piece = _text[..Math.Min(PieceLength, _text.Length)];
        if (!Convert.TryFromBase64Chars(piece.Span, _piece, out var written) || (written == 0 && !piece.IsEmpty))
        {
            throw new FormatException("The content of a data URL is not Base64.");
        }

        _text = _text[piece.Length..];
        _decoded = _piece.AsMemory(0, written);
    }
}
