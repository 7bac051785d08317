using System.Buffers.Text;
using System.Security.Cryptography;

namespace Leyden.Api.Access;

/// <summary>Makes keys for callers.</summary>
public static class KeyGenerator
{
    /// <summary>What every key starts with, so that scanners for leaked secrets can tell it.</summary>
    public const string Prefix = "ley_";

    private const int RandomBytes = 32;

    /// <summary>Makes a key that nobody can guess.</summary>
    public static GeneratedKey New()
    {
        var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return new GeneratedKey(key, Convert.ToHexStringLower(KeyHash.Of(key)));
    }
}

/// <summary>A new key.</summary>
/// <param name="Key">What the caller sends; shown once and kept nowhere.</param>
/// <param name="Hash">What goes into the configuration: its SHA-256 in lower-case hex.</param>
public sealed record GeneratedKey(string Key, string Hash);
