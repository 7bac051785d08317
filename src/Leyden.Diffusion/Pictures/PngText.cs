using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Leyden.Diffusion;

/// <summary>
/// Text chunks of PNG (PNG specification, third edition, section 11.3.3): international text in UTF-8, not compressed.
/// The encoder library has no call for them.
/// </summary>
internal static class PngText
{
    /// <summary>Bytes of the signature and the header chunk, which comes first and has a fixed length.</summary>
    public const int HeaderLength = 8 + 12 + 13;

    /// <summary>No recipe is longer; prompts are at most 10,000 characters where they come from.</summary>
    private const int MaxChunk = 1 << 20;

    /// <summary>A reader gives up after as many bytes of chunks without a recipe.</summary>
    private const long MaxBytes = 1L << 30;

    private static readonly byte[] Signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>A chunk of type iTXt, with its length and checksum.</summary>
    public static byte[] Chunk(string keyword, string text)
    {
        byte[] data =
        [
            .. Encoding.Latin1.GetBytes(keyword),
            0, // ends the keyword
            0, // not compressed
            0,
            0, // ends the language, which is not told
            0, // ends the translated keyword
            .. Encoding.UTF8.GetBytes(text),
        ];
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        "iTXt"u8.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(
            chunk.AsSpan(data.Length + 8),
            Crc32.HashToUInt32(chunk.AsSpan(4, data.Length + 4))
        );
        return chunk;
    }

    /// <summary>The text of the first sound chunk with a keyword, or null.</summary>
    public static async Task<string?> TryReadAsync(Stream stream, string keyword, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        if (!await TryFillAsync(stream, head, cancellationToken) || !head.AsSpan().SequenceEqual(Signature))
        {
            return null;
        }

        for (var total = 0L; total < MaxBytes && await TryFillAsync(stream, head, cancellationToken); )
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            total += length;
            if (head.AsSpan(4).SequenceEqual("IEND"u8))
            {
                return null;
            }

            if (!head.AsSpan(4).SequenceEqual("iTXt"u8) || length > MaxChunk)
            {
                if (!await TrySkipAsync(stream, length + 4L, cancellationToken))
                {
                    return null;
                }

                continue;
            }

            var chunk = new byte[4 + length + 4];
            head.AsSpan(4).CopyTo(chunk);
            if (!await TryFillAsync(stream, chunk.AsMemory(4), cancellationToken))
            {
                return null;
            }

            if (TextOf(chunk, keyword) is { } text)
            {
                return text;
            }
        }

        return null;
    }

    /// <param name="chunk">Type, data and checksum.</param>
    /// <param name="keyword">The keyword that is sought.</param>
    private static string? TextOf(ReadOnlySpan<byte> chunk, string keyword)
    {
        var checksum = BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]);
        var data = chunk[4..^4];
        byte[] start = [.. Encoding.Latin1.GetBytes(keyword), 0, 0];
        if (Crc32.HashToUInt32(chunk[..^4]) != checksum || !data.StartsWith(start) || data.Length < start.Length + 1)
        {
            return null;
        }

        var rest = data[(start.Length + 1)..];
        for (var part = 0; part < 2; part++) // language and translated keyword
        {
            var end = rest.IndexOf((byte)0);
            if (end < 0)
            {
                return null;
            }

            rest = rest[(end + 1)..];
        }

        try
        {
            return Utf8.GetString(rest);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static async Task<bool> TryFillAsync(
        Stream stream,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    ) =>
        await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
        == buffer.Length;

    private static async Task<bool> TrySkipAsync(Stream stream, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(count, 1 << 16)];
        while (count > 0)
        {
            var read = await stream.ReadAsync(
                buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)),
                cancellationToken
            );
            if (read == 0)
            {
                return false;
            }

            count -= read;
        }

        return true;
    }
}
