using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Leyden.Storage;

/// <summary>
/// The text form of a place in a listing: which listing, of which prefix, and where in it, with a checksum. The checksum
/// finds damage and cursors of other listings; it is no secret, so a position must never be able to leave its prefix.
/// </summary>
internal static class ListingCursor
{
    private const int ChecksumBytes = 8;
    private const int MaxLength = 4096;

    /// <summary>Wraps a position.</summary>
    /// <param name="listing">The name of the store's kind and of the listing, such as <c>folder/keys</c>.</param>
    /// <param name="prefix">What the listing was asked for.</param>
    /// <param name="position">Where it goes on: text that the listing itself understands.</param>
    public static string Wrap(string listing, string prefix, string position)
    {
        var text = Encoding.UTF8.GetBytes(position);
        return Base64Url.EncodeToString([.. Checksum(listing, prefix, text), .. text]);
    }

    /// <summary>Takes a position out of a cursor.</summary>
    /// <returns>The position; null for no cursor.</returns>
    /// <exception cref="InvalidCursorException">The cursor is not what <see cref="Wrap"/> gave for this listing and prefix.</exception>
    public static string? Unwrap(string listing, string prefix, string? cursor)
    {
        if (cursor is null)
        {
            return null;
        }

        if (cursor.Length > MaxLength || !Base64Url.IsValid(cursor))
        {
            throw Foreign();
        }

        var bytes = Base64Url.DecodeFromChars(cursor);
        if (
            bytes.Length <= ChecksumBytes
            || !bytes.AsSpan(0, ChecksumBytes).SequenceEqual(Checksum(listing, prefix, bytes.AsSpan(ChecksumBytes)))
        )
        {
            throw Foreign();
        }

        return Encoding.UTF8.GetString(bytes, ChecksumBytes, bytes.Length - ChecksumBytes);
    }

    private static InvalidCursorException Foreign() => new("The cursor is none that this listing gave.");

    private static byte[] Checksum(string listing, string prefix, ReadOnlySpan<byte> position)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{listing}\n{prefix}\n"));
        hash.AppendData(position);
        return hash.GetHashAndReset()[..ChecksumBytes];
    }
}
