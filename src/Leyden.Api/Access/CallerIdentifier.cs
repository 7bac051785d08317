using System.Security.Cryptography;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Leyden.Api.Access;

/// <summary>Tells callers by their keys.</summary>
public sealed class CallerIdentifier(IOptions<AccessOptions> options)
{
    /// <summary>The header that has the key alone.</summary>
    public const string KeyHeader = "X-API-Key";

    // A key of KeyGenerator has 47 characters, one of somebody else's making rarely more than 100.
    private const int MaxHeaderLength = 512;

    private static readonly string[] Schemes = ["Bearer", "Token", "Key"];

    private readonly (Owner Owner, byte[] Hash)[] _keys =
    [
        .. options.Value.Hashes.SelectMany(entry =>
            (KeyHash.ParseAll(entry.Value) ?? []).Select(hash =>
                (
                    Owner.TryParse(entry.Key, out var owner) ? owner : throw new InvalidOperationException(entry.Key),
                    hash
                )
            )
        ),
    ];

    /// <summary>Whether callers need a key. Without any, everybody is <see cref="Owner.Local"/>, which only fits a loopback address.</summary>
    public bool KeysConfigured => _keys.Length > 0;

    /// <summary>Reads the key of a request: from <c>X-API-Key</c>, else from <c>Authorization: Bearer|Token|Key …</c>.</summary>
    public CallerIdentity Identify(HttpRequest request)
    {
        if (!KeysConfigured)
        {
            return new CallerIdentity.Known(Owner.Local);
        }

        if (!TryReadKey(request.Headers, out var key, out var problem))
        {
            return new CallerIdentity.Unknown(problem);
        }

        return Find(KeyHash.Of(key)) is { } owner
            ? new CallerIdentity.Known(owner)
            : new CallerIdentity.Unknown("The API key is not valid.");
    }

    /// <summary>Whose key a request carries.</summary>
    /// <exception cref="ApiException">401: it carries none that is valid.</exception>
    public Owner Require(HttpRequest request) =>
        Identify(request) switch
        {
            CallerIdentity.Known known => known.Owner,
            CallerIdentity.Unknown unknown => throw new ApiException(
                StatusCodes.Status401Unauthorized,
                "Invalid or missing API key",
                [new InputError(KeyHeader, unknown.Problem)]
            ),
            _ => throw new InvalidOperationException("A caller has an identity that is not known here."),
        };

    // Every hash is compared, whichever matches, so that the time tells nothing about names.
    private Owner? Find(byte[] hash)
    {
        Owner? found = null;
        foreach (var (owner, known) in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? owner : found;
        }

        return found;
    }

    private static bool TryReadKey(IHeaderDictionary headers, out string key, out string problem)
    {
        key = "";
        problem = "";
        var (header, name) = headers.TryGetValue(KeyHeader, out var own)
            ? (own, KeyHeader)
            : (headers.Authorization, "Authorization");
        if (StringValues.IsNullOrEmpty(header))
        {
            problem = $"An API key is needed, in {KeyHeader} or in Authorization: Bearer.";
            return false;
        }

        if (header.Count > 1 || header[0] is not { Length: <= MaxHeaderLength } value)
        {
            problem = $"{name} must be sent once, with at most {MaxHeaderLength} characters.";
            return false;
        }

        key = name == KeyHeader ? value.Trim() : AfterScheme(value);
        if (key.Length == 0)
        {
            problem = $"{name} has no API key in it.";
            return false;
        }

        return true;
    }

    private static string AfterScheme(string value)
    {
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && Schemes.Contains(value[..space], StringComparer.OrdinalIgnoreCase)
            ? value[space..].Trim()
            : "";
    }
}

/// <summary>Who sent a request.</summary>
public abstract record CallerIdentity
{
    private CallerIdentity() { }

    /// <summary>A caller with a valid key, or anybody where no keys are configured.</summary>
    /// <param name="Owner">Whose predictions the request may make and see.</param>
    public sealed record Known(Owner Owner) : CallerIdentity;

    /// <summary>A caller that must be answered with 401.</summary>
    /// <param name="Problem">One sentence for the caller, the same for every wrong key.</param>
    public sealed record Unknown(string Problem) : CallerIdentity;
}
