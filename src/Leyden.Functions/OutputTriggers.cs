using Leyden.Api;
using Leyden.Api.Outputs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The routes of pictures that are kept in a folder; those in Blob Storage are fetched from there.</summary>
public sealed class OutputTriggers(ApiGate gate)
{
    /// <summary>Serves a picture to whoever has its link.</summary>
    [Function(nameof(GetOutput))]
    public Task<IResult> GetOutput(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = OutputHandlers.Pattern)] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(GetOutput)), request.HttpContext, client);
}
