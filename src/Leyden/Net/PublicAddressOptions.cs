using System.ComponentModel.DataAnnotations;

namespace Leyden.Net;

/// <summary>Where the world finds this deployment. Configuration section <c>Leyden</c>.</summary>
public sealed class PublicAddressOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden";

    /// <summary>
    /// The address under which callers and backends reach this deployment, such as <c>https://leyden.example.com</c>: links begin with it,
    /// and backends are asked to report there. Default: links begin with the address that the request was sent to, and no backend is asked.
    /// </summary>
    public string? PublicBaseUrl { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            PublicBaseUrl is not null
            && !(Uri.TryCreate(PublicBaseUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        )
        {
            yield return new ValidationResult($"{Section}:PublicBaseUrl must be an absolute http or https URL.");
        }
    }
}
