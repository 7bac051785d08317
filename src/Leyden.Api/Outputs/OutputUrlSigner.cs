using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Leyden.Storage;

namespace Leyden.Api.Outputs;

/// <summary>
/// Makes and checks <c>/outputs/{token}/{file name}</c>, with which whoever has it reads one object until a moment. The token is
/// the base64url of: a version byte, the moment in milliseconds of Unix time (8 bytes, big-endian), the HMAC-SHA256 of all
/// the rest (32 bytes), and the object's key.
/// </summary>
public sealed class OutputUrlSigner : IReadUrlSigner
{
    /// <summary>What the paths start with.</summary>
    public const string Root = "outputs";

    private const byte Version = 1;
    private const int MomentAt = 1;
    private const int CodeAt = MomentAt + sizeof(long);
    private const int KeyAt = CodeAt + HMACSHA256.HashSizeInBytes;
    private const int MinSecretBytes = 32;
    private const int MaxTokenLength = 1024;

    private readonly byte[] _secret;
    private readonly TimeProvider _time;

    /// <summary>Takes the secret.</summary>
    /// <param name="secret">At least 32 random bytes; whoever knows them can read every object.</param>
    /// <param name="time">What the end of URLs is measured by.</param>
    public OutputUrlSigner(byte[] secret, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinSecretBytes, nameof(secret));
        _secret = [.. secret];
        _time = time;
    }

    /// <inheritdoc/>
    public Uri Sign(ObjectKey key, DateTimeOffset expiresAt)
    {
        var bytes = new byte[KeyAt + key.Value.Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(MomentAt), expiresAt.ToUnixTimeMilliseconds());
        Encoding.ASCII.GetBytes(key.Value, bytes.AsSpan(KeyAt));
        Authenticate(bytes).CopyTo(bytes, CodeAt);
        return new Uri($"/{Root}/{Base64Url.EncodeToString(bytes)}/{FileNameOf(key)}", UriKind.Relative);
    }

    /// <summary>Checks what a request's path holds.</summary>
    /// <param name="token">The part after <see cref="Root"/>.</param>
    /// <param name="fileName">The part after that.</param>
    public OutputAccess Check(string token, string fileName)
    {
        if (token.Length > MaxTokenLength || !TryDecode(token, out var bytes) || bytes.Length <= KeyAt)
        {
            return new OutputAccess.Forged();
        }

        var isOurs = CryptographicOperations.FixedTimeEquals(Authenticate(bytes), bytes.AsSpan(CodeAt, KeyAt - CodeAt));
        if (
            !isOurs
            || bytes[0] != Version
            || !ObjectKey.TryParse(Encoding.ASCII.GetString(bytes.AsSpan(KeyAt)), out var key)
            || FileNameOf(key) != fileName
        )
        {
            return new OutputAccess.Forged();
        }

        var left =
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(MomentAt)))
            - _time.GetUtcNow();
        return left > TimeSpan.Zero ? new OutputAccess.Granted(key, left) : new OutputAccess.Expired();
    }

    private static string FileNameOf(ObjectKey key) => key.Value[(key.Value.LastIndexOf('/') + 1)..];

    private byte[] Authenticate(ReadOnlySpan<byte> bytes)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        code.AppendData(bytes[..CodeAt]);
        code.AppendData(bytes[KeyAt..]);
        return code.GetHashAndReset();
    }

    // A decoder forgives padding, blanks and spare bits: only the one text that Sign gives is a token.
    private static bool TryDecode(string token, out byte[] bytes)
    {
        bytes = Base64Url.IsValid(token) ? Base64Url.DecodeFromChars(token) : [];
        return Base64Url.EncodeToString(bytes) == token;
    }
}

/// <summary>What a signed URL allows.</summary>
public abstract record OutputAccess
{
    private OutputAccess() { }

    /// <summary>Reading.</summary>
    /// <param name="Key">The object.</param>
    /// <param name="Left">For how much longer; more than zero.</param>
    public sealed record Granted(ObjectKey Key, TimeSpan Left) : OutputAccess;

    /// <summary>Nothing any more.</summary>
    public sealed record Expired : OutputAccess;

    /// <summary>Nothing, ever: this deployment did not make it.</summary>
    public sealed record Forged : OutputAccess;
}
