using Leyden.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The routes of deliveries and webhooks.</summary>
public sealed class WebhookTriggers(ApiGate gate)
{
    /// <summary>Tells how the deliveries of a prediction went.</summary>
    [Function(nameof(ListDeliveries))]
    public Task<IResult> ListDeliveries(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/prediction/{id}/deliveries")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ListDeliveries)), request.HttpContext, client);

    /// <summary>Delivers again.</summary>
    [Function(nameof(RedeliverDelivery))]
    public Task<IResult> RedeliverDelivery(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/prediction/{id}/deliveries/{target}/redeliver")]
            HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(RedeliverDelivery)), request.HttpContext, client);

    /// <summary>Lists deliveries that were given up.</summary>
    [Function(nameof(ListParkedDeliveries))]
    public Task<IResult> ListParkedDeliveries(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/deliveries")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ListParkedDeliveries)), request.HttpContext, client);

    /// <summary>Lists the configured receivers.</summary>
    [Function(nameof(ListWebhookEndpoints))]
    public Task<IResult> ListWebhookEndpoints(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/webhooks/endpoints")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ListWebhookEndpoints)), request.HttpContext, client);

    /// <summary>Puts a configured receiver back into service.</summary>
    [Function(nameof(ResumeWebhookEndpoint))]
    public Task<IResult> ResumeWebhookEndpoint(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/webhooks/endpoints/{name}/resume")]
            HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ResumeWebhookEndpoint)), request.HttpContext, client);

    /// <summary>Shows what signs the caller's webhooks.</summary>
    [Function(nameof(GetWebhookSecret))]
    public Task<IResult> GetWebhookSecret(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/webhooks/default/secret")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(GetWebhookSecret)), request.HttpContext, client);
}
