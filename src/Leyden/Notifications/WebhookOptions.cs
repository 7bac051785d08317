using Leyden.Net;
using Leyden.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>How webhooks are sent, and who gets those of all predictions. Configuration section <c>Leyden:Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Webhooks";

    /// <summary>The schedule of Standard Webhooks: ten attempts in about three days.</summary>
    public const string DefaultSchedule = "0s,5s,5m,30m,2h,5h,10h,14h,20h,24h";

    /// <summary>
    /// How long to wait before each attempt after the one before, with commas between; each wait gets 10 % jitter. After the last the
    /// receiver is parked. Default: <see cref="DefaultSchedule"/>. 1…20 durations of 7 days at most.
    /// </summary>
    public string Schedule { get; set; } = DefaultSchedule;

    /// <summary>How long a receiver may take to answer, from the connection to the end of its answer. Default: 20 seconds. 1…60 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Receivers of the events of all predictions, by name (1…32 letters, digits and hyphens): <c>Leyden:Webhooks:Endpoints:NAME:Url</c>
    /// and so on.
    /// </summary>
    public IDictionary<string, WebhookEndpointOptions> Endpoints { get; } =
        new Dictionary<string, WebhookEndpointOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a schedule.</summary>
    /// <returns>The waits; null when the text is none.</returns>
    public static IReadOnlyList<TimeSpan>? ParseSchedule(string text)
    {
        var waits = new List<TimeSpan>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!DurationText.TryParse(part, out var wait) || wait > TimeSpan.FromDays(7))
            {
                return null;
            }

            waits.Add(wait);
        }

        return waits.Count <= 20 ? waits : null;
    }
}

/// <summary>One configured receiver.</summary>
public sealed class WebhookEndpointOptions
{
    /// <summary>Where to send: http or https. May be on a private network, unlike the URLs of callers, if Leyden:AllowedHosts names its host.</summary>
    public string? Url { get; set; }

    /// <summary>What to sign with: <c>whsec_…</c> or plain text; several with commas between sign side by side, for a rotation.</summary>
    public string? Secret { get; set; }

    /// <summary>The events to send, with commas between: <c>started</c>, <c>succeeded</c>, <c>failed</c>, <c>canceled</c>. Default: all.</summary>
    public string? Events { get; set; }

    /// <summary>The owners whose predictions are told, with commas between. Default: all.</summary>
    public string? Owners { get; set; }

    internal IReadOnlyList<string> Secrets => Words(Secret);

    internal IReadOnlyList<string> EventWords => Words(Events);

    internal IReadOnlyList<string> OwnerNames => Words(Owners);

    private static string[] Words(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}

/// <summary>Says what is wrong with <see cref="WebhookOptions"/>, all of it at once and without the values of secrets.</summary>
internal sealed class WebhookOptionsValidator(IOptions<NetworkOptions> network) : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var errors = new List<string>();
        if (WebhookOptions.ParseSchedule(options.Schedule) is null)
        {
            errors.Add(
                $"{WebhookOptions.Section}:Schedule must be 1 to 20 durations of 7 days at most with commas between, such as {WebhookOptions.DefaultSchedule}."
            );
        }

        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromSeconds(60))
        {
            errors.Add($"{WebhookOptions.Section}:Timeout is {options.Timeout}; it must be from 1 to 60 seconds.");
        }

        foreach (var (endpoint, settings) in options.Endpoints)
        {
            var setting = $"{WebhookOptions.Section}:Endpoints:{endpoint}";
            errors.AddRange(Problems(endpoint, settings).Select(problem => $"{setting}{problem}."));
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Problems(string name, WebhookEndpointOptions settings)
    {
        if (!Owner.TryParse(name, out _))
        {
            yield return ": an endpoint's name must be 1 to 32 letters, digits and hyphens, with no hyphen first";
        }

        if (!OutboundUrl.TryParse(settings.Url ?? "", network.Value, out _, out var problem))
        {
            yield return $":Url {problem}; it must be {OutboundUrl.Form} (Leyden:AllowedHosts permits others)";
        }

        if (settings.Secrets.Count == 0)
        {
            yield return ":Secret is missing";
        }

        foreach (var secret in settings.Secrets)
        {
            if (!WebhookSecret.TryParse(secret, out _, out var wrong))
            {
                yield return $":Secret {wrong}";
            }
        }

        if (settings.EventWords.Any(word => !PredictionEventWords.TryParse(word, out _)))
        {
            yield return $":Events must be of {string.Join(", ", PredictionEventWords.All.Select(e => e.Word()))}";
        }

        if (settings.OwnerNames.Any(owner => !Owner.TryParse(owner, out _)))
        {
            yield return ":Owners must be names of keys";
        }
    }
}
