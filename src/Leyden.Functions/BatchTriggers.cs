using Leyden.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The routes of batches.</summary>
public sealed class BatchTriggers(ApiGate gate)
{
    /// <summary>Accepts a batch.</summary>
    [Function(nameof(SubmitBatch))]
    public Task<IResult> SubmitBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/batches")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(SubmitBatch)), request.HttpContext, client);

    /// <summary>Lists batches.</summary>
    [Function(nameof(ListBatches))]
    public Task<IResult> ListBatches(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/batches")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ListBatches)), request.HttpContext, client);

    /// <summary>Shows how far a batch is.</summary>
    [Function(nameof(GetBatch))]
    public Task<IResult> GetBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/batches/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(GetBatch)), request.HttpContext, client);

    /// <summary>Tells what became of the items of a batch.</summary>
    [Function(nameof(GetBatchResults))]
    public Task<IResult> GetBatchResults(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/batches/{id}/results")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(GetBatchResults)), request.HttpContext, client);

    /// <summary>Asks to stop a batch.</summary>
    [Function(nameof(CancelBatch))]
    public Task<IResult> CancelBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/batches/{id}/cancel")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(CancelBatch)), request.HttpContext, client);

    /// <summary>Deletes a batch that has ended.</summary>
    [Function(nameof(DeleteBatch))]
    public Task<IResult> DeleteBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/batches/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(DeleteBatch)), request.HttpContext, client);
}
