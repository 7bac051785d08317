using System.Buffers.Binary;

namespace Leyden.Outputs;

/// <summary>What the first bytes of a picture tell.</summary>
/// <param name="ContentType">The media type of the format.</param>
/// <param name="Width">Pixels; null when the bytes do not tell.</param>
/// <param name="Height">Pixels; null when the bytes do not tell.</param>
public readonly record struct ImageHeader(string ContentType, int? Width, int? Height)
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The file name extension of the format, with its dot.</summary>
    public string Extension =>
        ContentType switch
        {
            "image/jpeg" => ".jpg",
            "image/webp" => ".webp",
            "image/gif" => ".gif",
            _ => ".png",
        };

    /// <summary>Recognises PNG, JPEG, WebP and GIF.</summary>
    /// <param name="head">The first bytes. The dimensions of a JPEG may stand far behind, after its metadata.</param>
    /// <param name="header">What they tell.</param>
    /// <returns>Whether they begin a picture of one of the formats.</returns>
    public static bool TryRead(ReadOnlySpan<byte> head, out ImageHeader header)
    {
        ImageHeader? found =
            head.StartsWith(PngSignature) ? Sized("image/png", ReadPng(head))
            : head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Sized("image/jpeg", ReadJpeg(head))
            : IsWebP(head) ? Sized("image/webp", ReadWebP(head))
            : head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) ? Sized("image/gif", ReadGif(head))
            : null;
        header = found.GetValueOrDefault();
        return found is not null;
    }

    private static ImageHeader Sized(string contentType, (uint Width, uint Height)? size) =>
        size is (> 0 and <= int.MaxValue, > 0 and <= int.MaxValue)
            ? new ImageHeader(contentType, (int)size.Value.Width, (int)size.Value.Height)
            : new ImageHeader(contentType, null, null);

    private static (uint, uint)? ReadPng(ReadOnlySpan<byte> head) =>
        head.Length >= 24 && head[12..16].SequenceEqual("IHDR"u8)
            ? (BinaryPrimitives.ReadUInt32BigEndian(head[16..]), BinaryPrimitives.ReadUInt32BigEndian(head[20..]))
            : null;

    private static (uint, uint)? ReadGif(ReadOnlySpan<byte> head) =>
        head.Length >= 10
            ? (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..]))
            : null;

    // Segments of FF, a marker and a length; the frame header (SOF) has the size.
    private static (uint, uint)? ReadJpeg(ReadOnlySpan<byte> head)
    {
        var at = 2;
        while (at + 4 <= head.Length && head[at] == 0xFF)
        {
            var marker = head[at + 1];
            if (marker == 0xFF)
            {
                at++; // padding
                continue;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return at + 9 <= head.Length
                    ? (
                        BinaryPrimitives.ReadUInt16BigEndian(head[(at + 7)..]),
                        BinaryPrimitives.ReadUInt16BigEndian(head[(at + 5)..])
                    )
                    : null;
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(head[(at + 2)..]);
        }

        return null;
    }

    private static bool IsWebP(ReadOnlySpan<byte> head) =>
        head.Length >= 16 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8);

    // Three kinds: lossy (VP8), lossless (VP8L) and extended (VP8X), each with the size elsewhere.
    private static (uint, uint)? ReadWebP(ReadOnlySpan<byte> head)
    {
        if (head.Length < 30)
        {
            return null;
        }

        var kind = head[12..16];
        if (kind.SequenceEqual("VP8X"u8))
        {
            return (ReadUInt24(head[24..]) + 1, ReadUInt24(head[27..]) + 1);
        }

        if (kind.SequenceEqual("VP8L"u8) && head[20] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(head[21..]);
            return ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
        }

        return kind.SequenceEqual("VP8 "u8) && head[23..26].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
            ? (
                BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) & 0x3FFFu,
                BinaryPrimitives.ReadUInt16LittleEndian(head[28..]) & 0x3FFFu
            )
            : null;
    }

    private static uint ReadUInt24(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16));
}
