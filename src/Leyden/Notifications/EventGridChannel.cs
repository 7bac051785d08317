using Azure;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using Leyden.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>Tells by a CloudEvent to a topic of Azure Event Grid, with this host's own identity.</summary>
public sealed partial class EventGridChannel : INotificationChannel
{
    private readonly CloudEventWriter _events;
    private readonly Func<Uri, EventGridPublisherClient> _connect;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger<EventGridChannel> _logger;

    /// <summary>Sends to Azure.</summary>
    public EventGridChannel(
        CloudEventWriter events,
        IOptions<WebhookOptions> options,
        TimeProvider time,
        DeploymentIdentity identity,
        ILogger<EventGridChannel> logger
    )
        : this(events, options, time, logger, topic => new(topic, identity.Credential)) { }

    internal EventGridChannel(
        CloudEventWriter events,
        IOptions<WebhookOptions> options,
        TimeProvider time,
        ILogger<EventGridChannel> logger,
        Func<Uri, EventGridPublisherClient> connect
    )
    {
        _events = events;
        _timeout = options.Value.Timeout;
        _time = time;
        _logger = logger;
        _connect = connect;
    }

    /// <inheritdoc/>
    public ChannelKind Kind => ChannelKind.EventGrid;

    /// <inheritdoc/>
    public async Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        var body = await _events.WriteBatchAsync(notification, cancellationToken);
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var topic = _connect(new Uri(notification.Target.Address));
            using var sent = await topic.SendEncodedCloudEventsAsync(body, either.Token);
            return new ChannelAnswer(AnswerKind.Accepted, sent.Status);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ChannelAnswer(AnswerKind.Failed, Fault: "The topic did not answer in time.");
        }
        catch (RequestFailedException fault)
        {
            Log.NotSent(_logger, fault, notification.Prediction.Id.Value);
            return AzureAnswer.Of(fault);
        }
        catch (AuthenticationFailedException fault)
        {
            Log.NotSent(_logger, fault, notification.Prediction.Id.Value);
            return new ChannelAnswer(AnswerKind.Failed, Fault: "This host has no identity that may send to the topic.");
        }
        catch (AggregateException fault) // what the client throws when it has repeated a request that nobody answers
        {
            Log.NotSent(_logger, fault, notification.Prediction.Id.Value);
            return new ChannelAnswer(AnswerKind.Failed, Fault: "The topic could not be reached.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An event of prediction {Id} did not reach Event Grid")]
        public static partial void NotSent(ILogger logger, Exception fault, string id);
    }
}
