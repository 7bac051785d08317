using Leyden.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>Somebody to be told, as the configuration and the prediction's record have it at the moment.</summary>
/// <param name="Name">Its name within the prediction.</param>
/// <param name="Kind">How it is told.</param>
/// <param name="Address">The URL, or the queue's name.</param>
/// <param name="Subscription">The creator's wish that it comes from; null for one that is configured for all predictions.</param>
/// <param name="Endpoint">The configured endpoint; null for a creator's wish and for the sinks of CloudEvents.</param>
public sealed record DeliveryTarget(
    string Name,
    ChannelKind Kind,
    string Address,
    Subscription? Subscription = null,
    WebhookEndpointOptions? Endpoint = null
)
{
    /// <summary>What begins the names of configured endpoints, so that none is that of a creator's wish.</summary>
    public const string EndpointPrefix = "endpoint-";

    /// <summary>The name of the queue that gets all events.</summary>
    public const string EventsQueueName = "events-queue";

    /// <summary>The name of the Event Grid topic.</summary>
    public const string EventGridName = "event-grid";

    /// <summary>Whether it is told of all predictions, so that one that does not answer is out of service for all of them.</summary>
    public bool IsConfigured => Subscription is null;

    /// <summary>The address without what may be secret in it: no query string.</summary>
    public string ShownAddress =>
        Kind != ChannelKind.Queue && Uri.TryCreate(Address, UriKind.Absolute, out var url)
            ? url.GetLeftPart(UriPartial.Path)
            : Address;
}

/// <summary>Finds who is to be told.</summary>
public sealed class DeliveryTargets
{
    private readonly (
        DeliveryTarget Target,
        IReadOnlyList<PredictionEvent> Events,
        IReadOnlyList<string> Owners
    )[] _configured;

    /// <summary>Reads the configuration.</summary>
    public DeliveryTargets(IOptions<WebhookOptions> webhooks, IOptions<EventOptions> events)
    {
        ArgumentNullException.ThrowIfNull(webhooks);
        ArgumentNullException.ThrowIfNull(events);
        _configured = [.. Endpoints(webhooks.Value), .. Sinks(events.Value)];
    }

    /// <summary>Who is to be told of an event of a prediction.</summary>
    public IReadOnlyList<DeliveryTarget> For(Prediction prediction, PredictionEvent happened) =>
        _configured.Length == 0 && prediction.Subscriptions.Count == 0
            ? []
            :
            [
                .. prediction.Subscriptions.Where(s => s.Events.Contains(happened)).Select(Target),
                .. ConfiguredFor(prediction.Owner).Where(c => c.Events.Contains(happened)).Select(c => c.Target),
            ];

    /// <summary>Finds a target of a prediction by its name.</summary>
    /// <returns>The target; null when it is configured no more.</returns>
    public DeliveryTarget? Find(Prediction prediction, string name) =>
        prediction.Subscriptions.Where(s => s.Name == name).Select(Target).FirstOrDefault()
        ?? ConfiguredFor(prediction.Owner).Select(c => c.Target).FirstOrDefault(t => t.Name == name);

    /// <summary>The configured targets that are told of an owner's predictions, with what they are told.</summary>
    public IEnumerable<(DeliveryTarget Target, IReadOnlyList<PredictionEvent> Events)> ConfiguredFor(Owner owner) =>
        _configured.Where(c => c.Owners.Count == 0 || c.Owners.Contains(owner.Name)).Select(c => (c.Target, c.Events));

    private static DeliveryTarget Target(Subscription wish) => new(wish.Name, wish.Kind, wish.Address, wish);

    private static IEnumerable<(DeliveryTarget, IReadOnlyList<PredictionEvent>, IReadOnlyList<string>)> Endpoints(
        WebhookOptions options
    ) =>
        options
            .Endpoints.OrderBy(e => e.Key, StringComparer.OrdinalIgnoreCase)
            .Select(entry =>
                (
                    new DeliveryTarget(
                        DeliveryTarget.EndpointPrefix + entry.Key.ToLowerInvariant(),
                        ChannelKind.Webhook,
                        entry.Value.Url ?? "",
                        Endpoint: entry.Value
                    ),
                    Events(entry.Value.EventWords),
                    (IReadOnlyList<string>)[.. entry.Value.OwnerNames.Select(o => o.ToLowerInvariant())]
                )
            );

    private static IEnumerable<(DeliveryTarget, IReadOnlyList<PredictionEvent>, IReadOnlyList<string>)> Sinks(
        EventOptions options
    )
    {
        if (options.Queue is { Length: > 0 } queue)
        {
            yield return (new(DeliveryTarget.EventsQueueName, ChannelKind.Queue, queue), PredictionEventWords.All, []);
        }

        if (options.EventGridTopic is { Length: > 0 } topic)
        {
            yield return (
                new(DeliveryTarget.EventGridName, ChannelKind.EventGrid, topic),
                PredictionEventWords.All,
                []
            );
        }
    }

    private static IReadOnlyList<PredictionEvent> Events(IReadOnlyList<string> words) =>
        words.Count == 0
            ? PredictionEventWords.All
            : [.. words.SelectMany(w => PredictionEventWords.TryParse(w, out var e) ? e : []).Distinct()];
}
