using Leyden.Net;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>Judges whom the creator of a prediction wants to be told, before it is accepted.</summary>
public sealed class SubscriptionReader(IOptions<NetworkOptions> network, QueueAccount queues)
{
    private const int MaxCorrelationIdLength = 200;

    /// <summary>Reads the wishes of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="errors">Gets a fault for each that can not be granted.</param>
    public IReadOnlyList<Subscription> Read(PredictionRequest request, ICollection<InputError> errors)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(errors);
        var granted = new List<Subscription>();
        if (request.Webhook is { } webhook && Read(webhook, errors) is { } toUrl)
        {
            granted.Add(toUrl);
        }

        if (request.ReplyQueue is { } reply && Read(reply, errors) is { } toQueue)
        {
            granted.Add(toQueue);
        }

        return granted;
    }

    private Subscription? Read(WebhookWish wish, ICollection<InputError> errors)
    {
        var isUrl = OutboundUrl.TryParse(wish.Url, network.Value, out var url, out var problem);
        if (!isUrl)
        {
            var message = $"{WebhookWish.UrlField} {problem}; it must be {OutboundUrl.Form}.";
            errors.Add(new InputError(WebhookWish.UrlField, message));
        }

        string? wrongSecret = null;
        var isSecret = wish.Secret is null || WebhookSecret.TryParse(wish.Secret, out _, out wrongSecret);
        if (!isSecret)
        {
            errors.Add(new InputError(WebhookWish.SecretField, $"{WebhookWish.SecretField} {wrongSecret}."));
        }

        return isUrl && isSecret
            ? new Subscription(
                Subscription.WebhookName,
                ChannelKind.Webhook,
                url!.AbsoluteUri,
                wish.Events,
                wish.Secret is not null
            )
            : null;
    }

    private Subscription? Read(ReplyQueueWish wish, ICollection<InputError> errors)
    {
        if (!queues.Exists || !QueueName.IsOpenToCallers(wish.Queue))
        {
            errors.Add(
                queues.Exists
                    ? InputError.NotAllowed(
                        ReplyQueueWish.QueueField,
                        $"\"{InputError.Shorten(wish.Queue)}\"",
                        QueueName.Form
                    )
                    : new InputError(ReplyQueueWish.QueueField, $"{ReplyQueueWish.QueueField} needs a storage account.")
            );
            return null;
        }

        if (wish.CorrelationId is { Length: 0 or > MaxCorrelationIdLength })
        {
            errors.Add(
                new InputError("correlation_id", $"correlation_id must have 1 to {MaxCorrelationIdLength} characters.")
            );
            return null;
        }

        return new Subscription(
            Subscription.ReplyQueueName,
            ChannelKind.Queue,
            wish.Queue,
            wish.Events,
            CorrelationId: wish.CorrelationId
        );
    }
}
