using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Leyden.Backends.Eachlabs;

/// <summary>How to reach Eachlabs, and what it allows. Configuration section <c>Leyden:Eachlabs</c>.</summary>
public sealed class EachlabsOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Eachlabs";

    /// <summary>The environment variable that gives the key when the section does not.</summary>
    public const string KeyVariable = "EACHLABS_API_KEY";

    /// <summary>The header that carries the bare key.</summary>
    public const string ApiKeyHeader = "X-API-Key";

    /// <summary>The header that carries the key as a bearer token.</summary>
    public const string AuthorizationHeader = "Authorization";

    /// <summary>The API's address, without <c>/v1</c>. Default: <c>https://api.eachlabs.ai</c>.</summary>
    public string BaseUrl { get; set; } = "https://api.eachlabs.ai";

    /// <summary>
    /// The key. Without one (the default) every prediction is refused before anything is sent. <see cref="KeyVariable"/> is used
    /// when this is not set.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>How the key is sent: <c>X-API-Key</c> (the default) or <c>Authorization</c> (as a bearer token).</summary>
    public string KeyHeader { get; set; } = ApiKeyHeader;

    /// <summary>Creates and reads in any 60 seconds, for the whole deployment. Default: 60. 1…100,000.</summary>
    [Range(1, 100_000, ErrorMessage = Section + ":RequestsPerMinute must be from 1 to 100000.")]
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>Predictions that run at once, for the whole deployment. Default: 10. 1…10,000.</summary>
    [Range(1, 10_000, ErrorMessage = Section + ":MaxConcurrent must be from 1 to 10000.")]
    public int MaxConcurrent { get; set; } = 10;

    /// <summary>
    /// How long the answer to a create may take, connecting included. A create that runs out of it may be billed all the same.
    /// Default: 30 seconds. 1 second to 3 minutes.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:03:00",
        ErrorMessage = Section + ":CreateTimeout must be from 1 second to 3 minutes."
    )]
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a read or a cancel may take, repeats included. Default: 15 seconds. 1 second to 3 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:03:00",
        ErrorMessage = Section + ":ReadTimeout must be from 1 second to 3 minutes."
    )]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>US dollars a second of run time, for predictions whose cost Eachlabs does not tell. Default: 0.001540. 0…1,000.</summary>
    [Range(0, 1_000, ErrorMessage = Section + ":PricePerSecond must be from 0 to 1000.")]
    public decimal PricePerSecond { get; set; } = 0.001540m;

    /// <summary>Whether to submit again when the answer to a create was lost, at the risk of a double bill. Default: false.</summary>
    public bool ResubmitUnknown { get; set; }

    /// <summary>Takes the key from <see cref="KeyVariable"/> when the section has none, and trims it.</summary>
    public static void CompleteKey(EachlabsOptions options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        var key = string.IsNullOrWhiteSpace(options.ApiKey) ? configuration[KeyVariable] : options.ApiKey;
        options.ApiKey = string.IsNullOrWhiteSpace(key) ? null : key.Trim();
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            !Uri.TryCreate(BaseUrl, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0
        )
        {
            yield return new ValidationResult(
                $"{Section}:BaseUrl must be an http(s) URL without user, query and fragment."
            );
        }

        if (KeyHeader is not (ApiKeyHeader or AuthorizationHeader))
        {
            yield return new ValidationResult(
                $"{Section}:KeyHeader is '{KeyHeader}'; it must be {ApiKeyHeader} or {AuthorizationHeader}."
            );
        }

        if (ApiKey is { } key && (key.Length > 1_000 || key.Any(c => c is <= ' ' or > '~')))
        {
            // The key itself must not show up in a message.
            yield return new ValidationResult(
                $"{Section}:ApiKey (or {KeyVariable}) has characters that no key has, or more than 1000."
            );
        }
    }
}
