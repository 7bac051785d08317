using System.Buffers;

namespace Leyden.Backends.Container;

/// <summary>
/// JSON as it arrives, read forward without ever holding a long text: Cog's answers carry pictures of megabytes as texts, which no
/// reader of tokens gives in pieces.
/// </summary>
internal sealed class JsonBytes(Stream source)
{
    private const int BufferLength = 32 << 10;
    private readonly byte[] _buffer = new byte[BufferLength];
    private int _at;
    private int _end;

    /// <summary>The next byte that is no white space, without taking it.</summary>
    /// <exception cref="EndOfStreamException">There is none.</exception>
    public async ValueTask<byte> PeekAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await EnsureAsync(cancellationToken);
            if (_buffer[_at] is not ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                return _buffer[_at];
            }

            _at++;
        }
    }

    /// <summary>Takes the next byte that is no white space.</summary>
    /// <exception cref="FormatException">It is another one than expected.</exception>
    public async ValueTask ExpectAsync(char expected, CancellationToken cancellationToken)
    {
        if (await PeekAsync(cancellationToken) != expected)
        {
            throw new FormatException($"'{expected}' is missing");
        }

        _at++;
    }

    /// <summary>Takes the next byte, white space or not.</summary>
    public async ValueTask<byte> TakeAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(cancellationToken);
        return _buffer[_at++];
    }

    /// <summary>Takes what is there of a text up to its end or an escape, neither of which it takes.</summary>
    /// <returns>How many bytes; 0 when an end or an escape comes next.</returns>
    public async ValueTask<int> TakeTextAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        await EnsureAsync(cancellationToken);
        var there = _buffer.AsSpan(_at, Math.Min(_end - _at, destination.Length));
        var stop = there.IndexOfAny((byte)'"', (byte)'\\');
        var length = stop < 0 ? there.Length : stop;
        there[..length].CopyTo(destination.Span);
        _at += length;
        return length;
    }

    /// <summary>Takes a whole value of any kind.</summary>
    /// <param name="value">Gets its bytes.</param>
    /// <param name="maxLength">The most bytes that the buffer may have afterwards.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="FormatException">It is longer.</exception>
    public async ValueTask TakeValueAsync(
        ArrayBufferWriter<byte> value,
        int maxLength,
        CancellationToken cancellationToken
    )
    {
        var depth = 0;
        var first = await PeekAsync(cancellationToken);
        do
        {
            var next = await PeekAsync(cancellationToken);
            if (depth == 0 && next is (byte)',' or (byte)'}' or (byte)']' && value.WrittenCount > 0)
            {
                return; // after a number or a word
            }

            Write(value, next, maxLength);
            _at++;
            switch (next)
            {
                case (byte)'"':
                    await TakeRestOfTextAsync(value, maxLength, cancellationToken);
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']':
                    depth--;
                    break;
            }
        } while (depth > 0 || first is not ((byte)'"' or (byte)'{' or (byte)'['));
    }

    private async ValueTask TakeRestOfTextAsync(
        ArrayBufferWriter<byte> value,
        int maxLength,
        CancellationToken cancellationToken
    )
    {
        for (var isEscaped = false; ; )
        {
            var next = await TakeAsync(cancellationToken);
            Write(value, next, maxLength);
            if (next == '"' && !isEscaped)
            {
                return;
            }

            isEscaped = next == '\\' && !isEscaped;
        }
    }

    private static void Write(ArrayBufferWriter<byte> value, byte next, int maxLength)
    {
        if (value.WrittenCount >= maxLength)
        {
            throw new FormatException($"it has a value of more than {maxLength} bytes");
        }

        value.GetSpan(1)[0] = next;
        value.Advance(1);
    }

    private async ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        if (_at < _end)
        {
            return;
        }

        _at = 0;
        _end = await source.ReadAsync(_buffer, cancellationToken);
        if (_end == 0)
        {
            throw new EndOfStreamException("The answer ends in the middle.");
        }
    }
}
