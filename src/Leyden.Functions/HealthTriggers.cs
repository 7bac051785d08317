using Leyden.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The routes that load balancers and operators ask.</summary>
public sealed class HealthTriggers(ApiGate gate)
{
    /// <summary>Tells that the worker runs.</summary>
    [Function(nameof(Health))]
    public Task<IResult> Health(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "healthz")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(Health)), request.HttpContext, client);

    /// <summary>Tells whether storage and engine can be reached.</summary>
    [Function(nameof(Ready))]
    public Task<IResult> Ready(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "readyz")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(Ready)), request.HttpContext, client);
}
