using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Leyden.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>Tells by a CloudEvent in a queue of the storage account.</summary>
public sealed partial class QueueChannel(
    QueueAccount account,
    CloudEventWriter events,
    IOptions<WebhookOptions> options,
    TimeProvider time,
    ILogger<QueueChannel> logger
) : INotificationChannel
{
    /// <inheritdoc/>
    public ChannelKind Kind => ChannelKind.Queue;

    /// <inheritdoc/>
    public async Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        if (!account.Exists)
        {
            return new ChannelAnswer(AnswerKind.Failed, Fault: "There is no storage account with queues.");
        }

        var body = await events.WriteAsync(notification, cancellationToken);
        var queue = account.Open(notification.Target.Address);
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await SendAsync(queue, body, mayCreate: notification.Target.IsConfigured, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ChannelAnswer(AnswerKind.Failed, Fault: "The storage account did not answer in time.");
        }
        catch (RequestFailedException fault)
        {
            Log.NotSent(logger, fault, notification.Prediction.Id.Value, notification.Target.Address);
            return AzureAnswer.Of(fault);
        }
        catch (AggregateException fault) // what the client throws when it has repeated a request that nobody answers
        {
            Log.NotSent(logger, fault, notification.Prediction.Id.Value, notification.Target.Address);
            return new ChannelAnswer(AnswerKind.Failed, Fault: "The storage account could not be reached.");
        }
    }

    // Only the operator's queue is made: a caller's word must not fill the account with queues.
    private static async Task<ChannelAnswer> SendAsync(
        QueueClient queue,
        byte[] body,
        bool mayCreate,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return Accepted(await queue.SendMessageAsync(new BinaryData(body), cancellationToken: cancellationToken));
        }
        catch (RequestFailedException fault) when (mayCreate && fault.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return Accepted(await queue.SendMessageAsync(new BinaryData(body), cancellationToken: cancellationToken));
        }
    }

    private static ChannelAnswer Accepted(Response<SendReceipt> sent) =>
        new(AnswerKind.Accepted, sent.GetRawResponse().Status, Excerpt: sent.Value.MessageId);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An event of prediction {Id} did not reach the queue {Queue}")]
        public static partial void NotSent(ILogger logger, Exception fault, string id, string queue);
    }
}

/// <summary>What failed requests to Azure mean.</summary>
internal static class AzureAnswer
{
    public static ChannelAnswer Of(RequestFailedException fault)
    {
        var kind = fault.Status is 429 or 502 or 503 or 504 ? AnswerKind.Throttled : AnswerKind.Failed;
        var words =
            fault.Status == 0 ? "It could not be reached." : $"It was refused: {fault.ErrorCode ?? "no reason given"}.";
        return new ChannelAnswer(kind, fault.Status == 0 ? null : fault.Status, words);
    }
}
