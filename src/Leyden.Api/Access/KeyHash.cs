using System.Security.Cryptography;
using System.Text;

namespace Leyden.Api.Access;

/// <summary>
/// The form in which keys are kept. Keys are 32 random bytes, not words that people choose, so that a plain SHA-256 can not be
/// searched and costs a request nothing.
/// </summary>
internal static class KeyHash
{
    public static byte[] Of(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Reads a setting.</summary>
    /// <returns>The hashes; null when there is none or one is not 64 hex digits.</returns>
    public static IReadOnlyList<byte[]>? ParseAll(string? text)
    {
        var hashes = new List<byte[]>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            var hash = new byte[SHA256.HashSizeInBytes];
            if (
                part.Length != hash.Length * 2
                || Convert.FromHexString(part, hash, out _, out _) != System.Buffers.OperationStatus.Done
            )
            {
                return null;
            }

            hashes.Add(hash);
        }

        return hashes;
    }
}
