using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace Leyden.FunctionsHost;

/// <summary>
/// Functions that queue messages set off, from real queues. As on the real host, a message whose function fails comes again, and after
/// its last time, or at once when it can not be decoded, goes to the queue's poison queue.
/// </summary>
internal sealed partial class QueueTriggers(
    IReadOnlyList<FunctionMethod> functions,
    HostFile file,
    FunctionsHostOptions options,
    IServiceProvider services,
    TimeProvider time,
    ILogger<QueueTriggers> logger
) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private readonly QueueSettings _settings = file.Queues;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            functions.Where(f => f.Trigger is QueueTriggerAttribute).Select(f => ListenAsync(f, stoppingToken))
        );

    private async Task ListenAsync(FunctionMethod function, CancellationToken stoppingToken)
    {
        var trigger = (QueueTriggerAttribute)function.Trigger;
        var connection = file.Connection(trigger.Connection);
        var name = file.Expand(trigger.QueueName);
        var poison = new QueueClient(connection, $"{name}-poison", ClientOptions());
        var encoded = ClientOptions();
        encoded.MessageDecodingFailed += undecoded =>
            MoveAsync((QueueClient)undecoded.Queue, undecoded.ReceivedMessage, poison, CancellationToken.None);
        var queue = new QueueClient(connection, name, encoded);
        var pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // As on the real host: there is nothing to take as long as nobody has created the queue.
                QueueMessage[] messages = !await queue.ExistsAsync(stoppingToken)
                    ? []
                    : await queue.ReceiveMessagesAsync(_settings.BatchSize, options.MessageLease, stoppingToken);
                await Task.WhenAll(messages.Select(m => HandleAsync(function, m, queue, poison, stoppingToken)));
                pause = messages.Length > 0 ? ShortestPause : Longer(pause);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotTaken(logger, e, name);
                pause = Longer(pause);
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HandleAsync(
        FunctionMethod function,
        QueueMessage message,
        QueueClient queue,
        QueueClient poison,
        CancellationToken stoppingToken
    )
    {
        try
        {
            await using var scope = services.CreateAsyncScope();
            var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
            {
                ["id"] = message.MessageId,
                ["dequeueCount"] = message.DequeueCount,
            };
            var input = Read(message, function.Parameter.ParameterType);
            await function.InvokeAsync(scope.ServiceProvider, input, data, stoppingToken);
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.Failed(logger, e, function.Name, message.DequeueCount);
            if (message.DequeueCount >= _settings.MaxDequeueCount)
            {
                await MoveAsync(queue, message, poison, stoppingToken);
            }
            else
            {
                await queue.UpdateMessageAsync(
                    message.MessageId,
                    message.PopReceipt,
                    message.Body,
                    _settings.RetryDelay,
                    stoppingToken
                );
            }
        }
    }

    private object? Read(QueueMessage message, Type type)
    {
        if (type == typeof(QueueMessage))
        {
            return message;
        }

        return type == typeof(string) ? message.Body.ToString()
            : type == typeof(BinaryData) ? message.Body
            : type == typeof(byte[]) ? message.Body.ToArray()
            : services
                .GetRequiredService<IOptions<WorkerOptions>>()
                .Value.Serializer!.Deserialize(message.Body.ToStream(), type, CancellationToken.None);
    }

    private static async Task MoveAsync(
        QueueClient queue,
        QueueMessage message,
        QueueClient poison,
        CancellationToken cancellationToken
    )
    {
        await poison.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await poison.SendMessageAsync(message.Body, cancellationToken: cancellationToken);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
    }

    private QueueClientOptions ClientOptions() =>
        new() { MessageEncoding = _settings.IsPlain ? QueueMessageEncoding.None : QueueMessageEncoding.Base64 };

    private TimeSpan Longer(TimeSpan pause) =>
        pause * 2 < _settings.MaxPollingInterval ? pause * 2 : _settings.MaxPollingInterval;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Function} failed for a message (attempt {Attempt})")]
        public static partial void Failed(ILogger logger, Exception reason, string function, long attempt);

        [LoggerMessage(2, LogLevel.Error, "Could not take messages from the queue {Queue}")]
        public static partial void NotTaken(ILogger logger, Exception reason, string queue);
    }
}
