using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Leyden.Emulators.Cog;

/// <summary>
/// The sign-in in front of a container app (App Service authentication, "Easy Auth", with Return401), and the managed identity endpoint of
/// App Service that gives tokens for it. Tokens are real JWTs, signed with a key that the emulator makes at its start.
/// </summary>
internal sealed class CogDoor(CogEmulatorOptions options, CogCounters counters, TimeProvider timeProvider) : IDisposable
{
    private const string Issuer = "https://sts.windows.net/emulated/";
    private readonly JsonWebTokenHandler _tokens = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Makes a token.</summary>
    /// <param name="audience">Whom it is for.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="lifetime">From now; negative for one that has expired.</param>
    public string Issue(string audience, string client, TimeSpan lifetime)
    {
        var now = timeProvider.GetUtcNow().UtcDateTime;
        return _tokens.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = Issuer,
                Audience = audience,
                IssuedAt = now - TimeSpan.FromHours(1),
                NotBefore = now - TimeSpan.FromHours(1),
                Expires = now + lifetime,
                Claims = new Dictionary<string, object> { ["appid"] = client },
                SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(_key), SecurityAlgorithms.EcdsaSha256),
            }
        );
    }

    /// <summary>Lets a request through, or turns it away before the container sees it.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (options.Audience is not { } audience || context.Request.Path.StartsWithSegments("/emulator"))
        {
            await next(context);
            return;
        }

        var header = (string?)context.Request.Headers.Authorization ?? "";
        var result = header.StartsWith("Bearer ", StringComparison.Ordinal)
            ? await _tokens.ValidateTokenAsync(header["Bearer ".Length..], Rules(audience))
            : null;
        if (result is not { IsValid: true })
        {
            counters.TurnedAway();
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate =
                $"Bearer realm=\"{context.Request.Host.Host}\" authorization_uri=\"https://login.windows.net/emulated/oauth2/authorize\" resource_id=\"{audience}\"";
        }
        else if (options.AdmittedClient is { } admitted && !admitted.Equals(result.Claims["appid"]))
        {
            counters.TurnedAway();
            context.Response.StatusCode = 403;
        }
        else
        {
            await next(context);
        }
    }

    /// <summary>The managed identity endpoint of App Service and Container Apps (<c>IDENTITY_ENDPOINT</c>, version 2019-08-01).</summary>
    public IResult GiveToken(HttpContext context)
    {
        var query = context.Request.Query;
        if (context.Request.Headers["X-IDENTITY-HEADER"] != options.IdentityHeader)
        {
            return Results.StatusCode(401);
        }

        if ((string?)query["resource"] is not { Length: > 0 } resource)
        {
            return Results.StatusCode(400);
        }

        counters.TokenGiven();
        var client = (string?)query["client_id"] ?? "system-assigned";
        var end = timeProvider.GetUtcNow() + options.TokenLifetime;
        return Results.Json(
            new JsonObject
            {
                ["access_token"] = Issue(resource, client, options.TokenLifetime),
                ["expires_on"] = end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                ["resource"] = resource,
                ["token_type"] = "Bearer",
                ["client_id"] = client,
            }
        );
    }

    public void Dispose() => _key.Dispose();

    private TokenValidationParameters Rules(string audience) =>
        new()
        {
            ValidIssuer = Issuer,
            ValidAudience = audience,
            IssuerSigningKey = new ECDsaSecurityKey(_key),
            ClockSkew = TimeSpan.Zero,
        };
}
