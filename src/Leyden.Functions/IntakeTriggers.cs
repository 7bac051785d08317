using Azure.Storage.Queues.Models;
using Leyden.Api;
using Leyden.Intake;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The ways in beside the routes of predictions and batches: queue messages and events.</summary>
public sealed class IntakeTriggers(ApiGate gate, IntakeMessages messages)
{
    /// <summary>Serves a message of the queue.</summary>
    [Function(nameof(TakeMessage))]
    public Task TakeMessage(
        [QueueTrigger(QueueOptions.Name)] QueueMessage message,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    ) => messages.HandleAsync(IntakeMessage.Of(message), client, cancellationToken);

    /// <summary>Takes events in.</summary>
    [Function(nameof(ReceiveEvents))]
    public Task<IResult> ReceiveEvents(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/events")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ReceiveEvents)), request.HttpContext, client);

    /// <summary>Allows senders of CloudEvents.</summary>
    [Function(nameof(AllowEvents))]
    public Task<IResult> AllowEvents(
        [HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "v1/events")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(AllowEvents)), request.HttpContext, client);
}
