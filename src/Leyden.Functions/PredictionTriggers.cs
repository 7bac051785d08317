using Leyden.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>The routes of predictions.</summary>
public sealed class PredictionTriggers(ApiGate gate)
{
    /// <summary>Accepts a prediction.</summary>
    [Function(nameof(CreatePrediction))]
    public Task<IResult> CreatePrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/prediction")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(CreatePrediction)), request.HttpContext, client);

    /// <summary>Accepts a prediction and waits for its end.</summary>
    [Function(nameof(RunPrediction))]
    public Task<IResult> RunPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/prediction/run")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(RunPrediction)), request.HttpContext, client);

    /// <summary>Shows a prediction.</summary>
    [Function(nameof(GetPrediction))]
    public Task<IResult> GetPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/prediction/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(GetPrediction)), request.HttpContext, client);

    /// <summary>Streams what changes of a prediction.</summary>
    [Function(nameof(StreamPrediction))]
    public Task<IResult> StreamPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/prediction/{id}/events")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(StreamPrediction)), request.HttpContext, client);

    /// <summary>Asks to stop a prediction.</summary>
    [Function(nameof(CancelPrediction))]
    public Task<IResult> CancelPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/prediction/{id}/cancel")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(CancelPrediction)), request.HttpContext, client);

    /// <summary>Deletes a prediction that has ended.</summary>
    [Function(nameof(DeletePrediction))]
    public Task<IResult> DeletePrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/prediction/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(DeletePrediction)), request.HttpContext, client);

    /// <summary>Lists predictions.</summary>
    [Function(nameof(ListPredictions))]
    public Task<IResult> ListPredictions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/predictions")] HttpRequest request,
        [DurableClient] DurableTaskClient client
    ) => gate.InvokeAsync(ApiRoutes.Get(nameof(ListPredictions)), request.HttpContext, client);
}
