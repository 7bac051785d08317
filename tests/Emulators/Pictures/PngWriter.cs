using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Leyden.Emulators.Pictures;

/// <summary>Writes PNG files: 8 bits a channel, RGB, not interlaced.</summary>
internal static class PngWriter
{
    private const int Channels = 3;
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <param name="pixels">Rows from the top, three bytes a pixel.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    public static byte[] Write(ReadOnlySpan<byte> pixels, int width, int height)
    {
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8; // bits a channel
        header[9] = 2; // RGB

        using var file = new MemoryStream(pixels.Length / 3);
        file.Write(Signature);
        WriteChunk(file, "IHDR", header);
        WriteChunk(file, "IDAT", Compress(pixels, width, height));
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var stride = width * Channels;
        var filtered = new byte[stride + 1];
        var compressed = new MemoryStream(pixels.Length / 3);
        using (var deflate = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                FilterSub(pixels.Slice(y * stride, stride), filtered);
                deflate.Write(filtered);
            }
        }

        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }

    // Each byte as its difference from the pixel to the left: gradients become runs, which even the fastest level compresses.
    private static void FilterSub(ReadOnlySpan<byte> row, Span<byte> filtered)
    {
        filtered[0] = 1;
        row[..Channels].CopyTo(filtered[1..]);
        for (var i = Channels; i < row.Length; i++)
        {
            filtered[i + 1] = (byte)(row[i] - row[i - Channels]);
        }
    }

    private static void WriteChunk(Stream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);

        Span<byte> name = stackalloc byte[4];
        Encoding.ASCII.GetBytes(type, name);
        file.Write(name);
        file.Write(data);

        var crc = new Crc32();
        crc.Append(name);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, crc.GetCurrentHashAsUInt32());
        file.Write(word);
    }
}
