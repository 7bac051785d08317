using System.ComponentModel.DataAnnotations;

namespace Leyden.Backends.Container;

/// <summary>How to reach the GPU container, and what it allows. Configuration section <c>Leyden:Container</c>.</summary>
public sealed class ContainerOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Container";

    /// <summary>The published Cog image of the model, <c>r8.im/bytedance/sdxl-lightning-4step</c>.</summary>
    public const string PublishedImage = "cog";

    /// <summary>This repository's own model server.</summary>
    public const string ModelServer = "model-server";

    /// <summary>The container's address. Without one (the default) there is no backend <c>container</c>.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>
    /// The Entra application that guards the container's door, by its client id or a URI of it (<c>api://…</c>): each request carries a token
    /// of this deployment's own (managed) identity for <c>AUDIENCE/.default</c>. Needs a <see cref="BaseUrl"/> of https, or of this machine.
    /// Default: none, and no token is sent.
    /// </summary>
    public string? Audience { get; set; }

    /// <summary>What runs there: <c>cog</c> (the default) or <c>model-server</c>. The first has faults that the second has not.</summary>
    [RegularExpression("cog|model-server", ErrorMessage = Section + ":Image must be cog or model-server.")]
    public string Image { get; set; } = PublishedImage;

    /// <summary>Runs at once, for the whole deployment: the container's slots, times its replicas. Default: 1. 1…1,000.</summary>
    [Range(1, 1_000, ErrorMessage = Section + ":MaxConcurrent must be from 1 to 1000.")]
    public int MaxConcurrent { get; set; } = 1;

    /// <summary>How often a run is begun at most when its result is lost. Default: 3. 1…10.</summary>
    [Range(1, 10, ErrorMessage = Section + ":MaxAttempts must be from 1 to 10.")]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// How long a run may take, its pictures included. Container Apps ends requests after 240 seconds. Default: 230 seconds. 1 second to
    /// 4 minutes.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:04:00",
        ErrorMessage = Section + ":RunTimeout must be from 1 second to 4 minutes."
    )]
    public TimeSpan RunTimeout { get; set; } = TimeSpan.FromSeconds(230);

    /// <summary>How long the answer to a question for its health, or to a cancel, may take. Default: 10 seconds. 1 second to 1 minute.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:01:00",
        ErrorMessage = Section + ":HealthTimeout must be from 1 second to 1 minute."
    )]
    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What the container costs while it is up, in US dollars a second; 0 when not known. Default: 0. 0…1,000.</summary>
    [Range(0, 1_000, ErrorMessage = Section + ":PricePerSecond must be from 0 to 1000.")]
    public decimal PricePerSecond { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        Uri? url = null;
        if (
            !string.IsNullOrWhiteSpace(BaseUrl)
            && (
                !Uri.TryCreate(BaseUrl, UriKind.Absolute, out url)
                || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
                || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0
            )
        )
        {
            yield return new ValidationResult(
                $"{Section}:BaseUrl must be an http(s) URL without user, query and fragment."
            );
        }
        else if (HasDoor && FindDoorProblem(url) is { } problem)
        {
            yield return new ValidationResult($"{Section}:Audience {problem}");
        }
    }

    /// <summary>Whether requests carry a token.</summary>
    internal bool HasDoor => !string.IsNullOrWhiteSpace(Audience);

    private string? FindDoorProblem(Uri? url) =>
        url is null ? $"is set, but {Section}:BaseUrl is not: there is no container to send tokens to."
        : url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback
            ? $"is set, and {Section}:BaseUrl is no https address: a token must not travel in clear text."
        : Audience!.EndsWith("/.default", StringComparison.OrdinalIgnoreCase)
            ? "must be the application without /.default, which is put behind it."
        : !IsApplication(Audience)
            ? "must be the client id of an Entra application (a GUID) or a URI of it, such as api://CLIENT-ID."
        : null;

    private static bool IsApplication(string text) =>
        Guid.TryParseExact(text, "D", out _)
        || (
            text.Length <= 255
            && !text.Any(char.IsWhiteSpace)
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "api" or "https"
            && uri.Query.Length + uri.Fragment.Length + uri.UserInfo.Length == 0
        );
}
