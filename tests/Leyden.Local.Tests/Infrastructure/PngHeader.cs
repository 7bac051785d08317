using System.Buffers.Binary;

namespace Leyden.Local.Tests.Infrastructure;

/// <summary>Reads the size out of a PNG file and checks that it is whole.</summary>
internal static class PngHeader
{
    public static (int Width, int Height) Read(string path) => Read(File.ReadAllBytes(path));

    public static (int Width, int Height) Read(byte[] png)
    {
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1a, 0x0a], png[..8]);
        Assert.Equal("IEND"u8.ToArray(), png[^8..^4]);
        return (
            BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)),
            BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))
        );
    }
}
