using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Notifications;

/// <summary>The members of a create that ask for a webhook: Eachlabs' names, and the filter of Replicate and Cog beside them.</summary>
public static class WebhookForm
{
    private const string Filter = "webhook_events_filter";
    private const string Words = "an array of \"start\" and \"completed\"";

    /// <summary>The members.</summary>
    public static IReadOnlyList<string> Fields { get; } = [WebhookWish.UrlField, WebhookWish.SecretField, Filter];

    /// <summary>Reads the wish, as far as it can be understood; <see cref="SubscriptionReader"/> judges it.</summary>
    /// <returns>The wish; null when there is none or it has a fault.</returns>
    public static WebhookWish? Read(JsonObject form, ICollection<InputError> errors)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(errors);
        var url = Text(form, WebhookWish.UrlField, errors);
        var secret = Text(form, WebhookWish.SecretField, errors);
        var events = ReadFilter(form[Filter], errors);
        if (form[WebhookWish.UrlField] is null)
        {
            foreach (var field in Fields.Where(field => form[field] is not null))
            {
                errors.Add(new InputError(field, $"{field} needs {WebhookWish.UrlField}."));
            }
        }

        return url is null ? null : new WebhookWish(url, secret, events);
    }

    private static IReadOnlyList<PredictionEvent> ReadFilter(JsonNode? filter, ICollection<InputError> errors)
    {
        if (filter is null)
        {
            return PredictionEventWords.Ends;
        }

        var events = new List<PredictionEvent>();
        foreach (var word in filter as JsonArray ?? [null])
        {
            if (
                TextOf(word) is not ("start" or "completed")
                || !PredictionEventWords.TryParse(TextOf(word)!, out var of)
            )
            {
                var shown = InputError.Shorten((filter is JsonArray ? word : filter)?.ToJsonString() ?? "null");
                errors.Add(InputError.NotAllowed(Filter, shown, Words));
                return PredictionEventWords.Ends;
            }

            events.AddRange(of);
        }

        if (events.Count == 0)
        {
            errors.Add(InputError.NotAllowed(Filter, "[]", Words));
        }

        return [.. events.Distinct()];
    }

    private static string? Text(JsonObject form, string field, ICollection<InputError> errors)
    {
        if (form[field] is { } value && TextOf(value) is null)
        {
            errors.Add(new InputError(field, $"{field} must be a text."));
        }

        return TextOf(form[field]);
    }

    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value
        && value.GetValueKind() == JsonValueKind.String
        && value.TryGetValue<string>(out var text)
            ? text
            : null;
}
