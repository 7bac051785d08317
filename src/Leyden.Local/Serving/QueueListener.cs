using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Leyden.Intake;
using Leyden.Storage;
using Microsoft.DurableTask.Client;

namespace Leyden.Local.Serving;

/// <summary>
/// Listens to the queue while the server runs, where there is a storage account; without one, the HTTP API is the way in. As on Azure, a
/// message that is not served comes again after a while.
/// </summary>
internal sealed partial class QueueListener(
    QueueAccount account,
    IntakeMessages messages,
    DurableTaskClient client,
    TimeProvider time,
    ILogger<QueueListener> logger
) : BackgroundService
{
    private const int MessagesAtOnce = 16;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Longer than a batch of 16 MB takes to be read.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!account.Exists)
        {
            return;
        }

        // Senders may or may not encode; the handler understands both.
        var queue = account.Open(QueueOptions.Name, QueueMessageEncoding.None);
        for (var pause = ShortestPause; !stoppingToken.IsCancellationRequested; )
        {
            var count = await ReceiveAsync(queue, stoppingToken);
            pause =
                count > 0 ? ShortestPause
                : pause * 2 < LongestPause ? pause * 2
                : LongestPause;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> ReceiveAsync(QueueClient queue, CancellationToken stoppingToken)
    {
        try
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: stoppingToken);
            QueueMessage[] received = await queue.ReceiveMessagesAsync(MessagesAtOnce, Lease, stoppingToken);
            await Task.WhenAll(received.Select(message => ServeAsync(queue, message, stoppingToken)));
            return received.Length;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.NotReceived(logger, e);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0; // the server stops
        }
    }

    private async Task ServeAsync(QueueClient queue, QueueMessage message, CancellationToken stoppingToken)
    {
        try
        {
            await messages.HandleAsync(IntakeMessage.Of(message), client, stoppingToken);
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.NotServed(logger, e, message.MessageId, message.DequeueCount);
            await queue.UpdateMessageAsync(
                message.MessageId,
                message.PopReceipt,
                visibilityTimeout: RepeatAfter,
                cancellationToken: stoppingToken
            );
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Could not receive messages; trying again later")]
        public static partial void NotReceived(ILogger logger, Exception reason);

        [LoggerMessage(2, LogLevel.Error, "Could not serve message {Id} at its delivery {Count}")]
        public static partial void NotServed(ILogger logger, Exception reason, string id, long count);
    }
}
