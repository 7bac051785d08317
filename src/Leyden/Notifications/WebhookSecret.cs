using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Leyden.Notifications;

/// <summary>
/// A key that webhooks are signed with, by the symmetric scheme of Standard Webhooks
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// </summary>
public sealed class WebhookSecret
{
    /// <summary>What begins a key in the form of the specification.</summary>
    public const string Prefix = "whsec_";

    /// <summary>The longest text that is taken for a secret.</summary>
    public const int MaxLength = 200;

    private const int MinKeyBytes = 24;
    private const int MaxKeyBytes = 64;
    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>Takes a key of 24…64 bytes.</summary>
    public static WebhookSecret Of(byte[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, MinKeyBytes, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, MaxKeyBytes, nameof(key));
        return new WebhookSecret([.. key]);
    }

    /// <summary>
    /// Reads a secret: <c>whsec_</c> and the Base64 of 24…64 bytes, or any other printable ASCII text, whose bytes are then the key
    /// (libraries call that format "raw").
    /// </summary>
    /// <param name="text">The secret; never part of <paramref name="problem"/>.</param>
    /// <param name="secret">The key.</param>
    /// <param name="problem">What is wrong, as the end of a sentence that begins with the field's name.</param>
    /// <returns>Whether it is a secret.</returns>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out WebhookSecret? secret,
        [NotNullWhen(false)] out string? problem
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        secret = null;
        problem = null;
        // Printable ASCII without blanks at the ends: it may have to travel in a header as well.
        if (text.Length is 0 or > MaxLength || text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.Trim() != text)
        {
            problem = $"must be 1 to {MaxLength} printable ASCII characters";
            return false;
        }

        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            secret = new WebhookSecret(Encoding.ASCII.GetBytes(text));
            return true;
        }

        var key = new byte[MaxLength];
        if (
            !Convert.TryFromBase64String(text[Prefix.Length..], key, out var length)
            || length is < MinKeyBytes or > MaxKeyBytes
        )
        {
            problem = $"begins with {Prefix}, so the rest must be the Base64 of {MinKeyBytes} to {MaxKeyBytes} bytes";
            return false;
        }

        secret = new WebhookSecret(key[..length]);
        return true;
    }

    /// <summary>The value of <c>webhook-signature</c> for one key.</summary>
    /// <param name="messageId">The value of <c>webhook-id</c>.</param>
    /// <param name="timestamp">The value of <c>webhook-timestamp</c>: when this attempt is made.</param>
    /// <param name="body">The body, byte for byte.</param>
    public string Sign(string messageId, DateTimeOffset timestamp, ReadOnlySpan<byte> body)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        var seconds = timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        code.AppendData(Encoding.UTF8.GetBytes($"{messageId}.{seconds}."));
        code.AppendData(body);
        return $"v1,{Convert.ToBase64String(code.GetHashAndReset())}";
    }

    /// <summary>The key in the form of the specification: for its owner's eyes only.</summary>
    public string Reveal() => Prefix + Convert.ToBase64String(_key);

    /// <summary>Tells nothing.</summary>
    public override string ToString() => $"{Prefix}…";
}
