using System.Buffers.Binary;

namespace Leyden.ModelServer.Tests;

/// <summary>Reads the size out of a PNG file.</summary>
internal static class PngSize
{
    public static (int Width, int Height) Of(byte[] png)
    {
        Assert.Equal<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        return (
            BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)),
            BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))
        );
    }
}
