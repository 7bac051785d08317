using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Leyden.Diffusion;
using Leyden.ModelServer.Inputs;

namespace Leyden.ModelServer.Predictions;

internal sealed class PngPictureWriter : IPictureWriter
{
    public byte[] Write(RgbImage image, PredictionInput input, int index, ModelDescription model)
    {
        var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), image.Height);
        (head[8], head[9]) = (8, 2);
        Chunk(png, "IHDR"u8, head);
        var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var row = 0; row < image.Height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(image.Rgb, row * image.Width * 3, image.Width * 3);
            }
        }

        Chunk(png, "IDAT"u8, data.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(Stream to, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        to.Write(number);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(data);
        to.Write(type);
        to.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        to.Write(number);
    }
}
