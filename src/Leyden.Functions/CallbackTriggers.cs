using Leyden.Api;
using Leyden.Api.Callbacks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The route by which backends report.</summary>
public sealed class CallbackTriggers(ApiGate gate)
{
    /// <summary>Takes a report of the end of a prediction.</summary>
    [Function(nameof(ReceiveCallback))]
    public Task<IResult> ReceiveCallback(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = CallbackEndpoints.Pattern)] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ReceiveCallback)), request.HttpContext, client);
}
