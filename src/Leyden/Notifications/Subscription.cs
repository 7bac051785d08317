namespace Leyden.Notifications;

/// <summary>Who wants to be told what happens to a prediction, as its creator asked. Part of its record, so without secrets.</summary>
/// <param name="Name">Tells it from the others of the same prediction: <see cref="WebhookName"/> or <see cref="ReplyQueueName"/>.</param>
/// <param name="Kind">How it is told.</param>
/// <param name="Address">The URL, or the queue's name.</param>
/// <param name="Events">What it is told.</param>
/// <param name="HasSecret">Whether the creator gave a secret, which is kept apart (<see cref="DeliveryKeys.Secret"/>).</param>
/// <param name="CorrelationId">The creator's own word for it, sent along; null when none was given.</param>
public sealed record Subscription(
    string Name,
    ChannelKind Kind,
    string Address,
    IReadOnlyList<PredictionEvent> Events,
    bool HasSecret = false,
    string? CorrelationId = null
)
{
    /// <summary>The name of a creator's webhook.</summary>
    public const string WebhookName = "webhook";

    /// <summary>The name of a creator's reply queue.</summary>
    public const string ReplyQueueName = "reply-queue";
}

/// <summary>The ways to tell somebody.</summary>
public enum ChannelKind
{
    /// <summary>An HTTP POST, signed by Standard Webhooks.</summary>
    Webhook,

    /// <summary>A CloudEvent in a queue of the storage account.</summary>
    Queue,

    /// <summary>A CloudEvent to a topic of Azure Event Grid.</summary>
    EventGrid,
}

/// <summary>A creator's wish to be told by an HTTP request.</summary>
/// <param name="Url">As it was given; not yet judged.</param>
/// <param name="Secret">What to sign with; null for the owner's default secret.</param>
/// <param name="Events">What to tell.</param>
public sealed record WebhookWish(string Url, string? Secret, IReadOnlyList<PredictionEvent> Events)
{
    /// <summary>The name under which faults of the URL are reported; it is Eachlabs' name.</summary>
    public const string UrlField = "webhook_url";

    /// <summary>The name under which faults of the secret are reported; it is Eachlabs' name.</summary>
    public const string SecretField = "webhook_secret";
}

/// <summary>A creator's wish to be told by a message in a queue of the storage account.</summary>
/// <param name="Queue">Its name; not yet judged.</param>
/// <param name="CorrelationId">A word that the message carries; null for none.</param>
/// <param name="Events">What to tell.</param>
public sealed record ReplyQueueWish(string Queue, string? CorrelationId, IReadOnlyList<PredictionEvent> Events)
{
    /// <summary>The name under which faults of the queue's name are reported.</summary>
    public const string QueueField = "reply_queue";
}
