namespace Leyden.Diffusion;

/// <summary>
/// Walks the fields of a protobuf message in a seekable stream without reading what it steps over: the weights of a model may be gigabytes.
/// Encoding: https://protobuf.dev/programming-guides/encoding/.
/// </summary>
internal sealed class ProtobufReader(Stream stream)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    /// <summary>
    /// The fields of the message that ends at <paramref name="end"/>. The consumer may read the value of a field, or leave it.
    /// </summary>
    /// <exception cref="InvalidDataException">Not a protobuf message, or one that is cut short.</exception>
    public IEnumerable<Field> Fields(long end)
    {
        while (stream.Position < end)
        {
            var tag = ReadVarint();
            var number = (int)(tag >> 3);
            var wire = (int)(tag & 7);
            var value = wire switch
            {
                Varint => ReadVarint(),
                Fixed64 => 8UL,
                LengthDelimited => ReadVarint(),
                Fixed32 => 4UL,
                _ => throw new InvalidDataException($"wire type {wire} at byte {stream.Position}"),
            };
            var start = stream.Position;
            var next = wire == Varint ? start : start + (long)Math.Min(value, long.MaxValue / 2);
            if (number == 0 || next > end)
            {
                throw new InvalidDataException($"a field at byte {start} does not end before its message");
            }

            yield return new Field(number, value, start, next, wire == LengthDelimited);
            stream.Position = next;
        }
    }

    /// <summary>Reads a text or bytes field of at most 64 KiB.</summary>
    public string ReadText(Field field)
    {
        if (!field.IsDelimited || field.End - field.Start > 1 << 16)
        {
            throw new InvalidDataException($"a text was expected at byte {field.Start}");
        }

        stream.Position = field.Start;
        var bytes = new byte[field.End - field.Start];
        stream.ReadExactly(bytes);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The fields of a message within.</summary>
    public IEnumerable<Field> Fields(Field message)
    {
        if (!message.IsDelimited)
        {
            throw new InvalidDataException($"a message was expected at byte {message.Start}");
        }

        stream.Position = message.Start;
        return Fields(message.End);
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var read = stream.ReadByte();
            if (read < 0)
            {
                throw new InvalidDataException("the file ends within a field");
            }

            value |= (ulong)(read & 0x7f) << shift;
            if (read < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException($"a number of more than 64 bits at byte {stream.Position}");
    }

    /// <summary>A field: <paramref name="Value"/> is the number of a varint; others have their bytes at Start…End.</summary>
    internal readonly record struct Field(int Number, ulong Value, long Start, long End, bool IsDelimited);
}
