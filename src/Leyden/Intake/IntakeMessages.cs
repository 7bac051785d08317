using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues.Models;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Intake;

/// <summary>
/// Serves the messages of the queue: starts what they ask for, and puts what can not be served into the poison queue with the reason.
/// What fails for a reason outside is thrown, so that the queue delivers the message again, until its last delivery.
/// </summary>
public sealed partial class IntakeMessages(
    IntakeWishes wishes,
    IntakeEvents events,
    QueueAccount queues,
    IOptions<QueueOptions> options,
    LeydenMetrics metrics,
    ILogger<IntakeMessages> logger
)
{
    private const int MaxKeptMessage = 10_000;
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    /// <summary>Serves a message. Returning means that it is done with and may be deleted.</summary>
    public async Task HandleAsync(IntakeMessage message, DurableTaskClient client, CancellationToken cancellationToken)
    {
        IntakeOutcome outcome;
        try
        {
            outcome = await StartAsync(message, client, cancellationToken);
        }
        catch (Exception e)
            when (message.DequeueCount >= options.Value.MaxDequeueCount && !cancellationToken.IsCancellationRequested)
        {
            Log.GivenUp(logger, e, message.Id, message.DequeueCount);
            outcome = new IntakeOutcome.Refused(
                $"The message could not be served in {message.DequeueCount} deliveries; the log has the reason.",
                []
            );
        }

        if (outcome is IntakeOutcome.Refused refused)
        {
            await PoisonAsync(message, refused, cancellationToken);
        }

        metrics.Message(outcome is IntakeOutcome.Refused ? "poison" : "taken");
    }

    private async Task<IntakeOutcome> StartAsync(
        IntakeMessage message,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        JsonDocument document;
        try
        {
            document = StrictJson.Parse(message.Json());
        }
        catch (FormatException e)
        {
            return new IntakeOutcome.Refused($"The message is no valid JSON: {e.Message}", []);
        }

        using (document)
        {
            var owner = new Owner(options.Value.Owner);
            var root = document.RootElement;
            return IncomingEvent.Read(root) is { } incoming
                ? await events.HandleAsync(incoming, owner, mayNameOwner: true, client, cancellationToken)
                : await wishes.StartAsync(
                    root,
                    new IntakeContext(owner, $"message:{message.Id}", MayNameOwner: true),
                    client,
                    cancellationToken
                );
        }
    }

    private async Task PoisonAsync(
        IntakeMessage message,
        IntakeOutcome.Refused refused,
        CancellationToken cancellationToken
    )
    {
        Log.Poison(logger, message.Id, refused.Reason);
        var errors = refused.Errors.Select(e => new JsonObject { ["field"] = e.Field, ["message"] = e.Message });
        var envelope = new JsonObject
        {
            ["reason"] = refused.Reason,
            ["errors"] = new JsonArray([.. errors]),
            ["message_id"] = message.Id,
        };
        // A queue takes 64 kB, and the envelope comes on top of what was a message before.
        var text = Encoding.UTF8.GetString(message.Json().Span);
        envelope["message"] = text.Length <= MaxKeptMessage ? text : text[..MaxKeptMessage];
        var queue = queues.Open(QueueOptions.PoisonName);
        await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await queue.SendMessageAsync(
            new BinaryData(Encoding.UTF8.GetBytes(envelope.ToJsonString(LeydenJson.Options))),
            timeToLive: Forever,
            cancellationToken: cancellationToken
        );
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Message {Id} goes to the poison queue: {Reason}")]
        public static partial void Poison(ILogger logger, string id, string reason);

        [LoggerMessage(2, LogLevel.Error, "Message {Id} could not be served in {Count} deliveries")]
        public static partial void GivenUp(ILogger logger, Exception reason, string id, long count);
    }
}

/// <summary>A message as the queue gives it.</summary>
/// <param name="Id">The queue's id of it, the same at each delivery.</param>
/// <param name="Body">JSON, as it is or as Base64 text.</param>
/// <param name="DequeueCount">Which delivery this is, from 1.</param>
public sealed record IntakeMessage(string Id, ReadOnlyMemory<byte> Body, long DequeueCount)
{
    /// <summary>A message as the client library gives it.</summary>
    public static IntakeMessage Of(QueueMessage message) =>
        new(message.MessageId, message.Body.ToMemory(), message.DequeueCount);

    /// <summary>The JSON, decoded where that is needed. JSON itself is never Base64: it begins with a brace or a bracket.</summary>
    internal ReadOnlyMemory<byte> Json() =>
        Base64.IsValid(Body.Span) ? Convert.FromBase64String(Encoding.ASCII.GetString(Body.Span)) : Body;
}
