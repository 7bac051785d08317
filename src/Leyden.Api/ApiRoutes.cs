using System.Collections.Frozen;
using Leyden.Api.Batches;
using Leyden.Api.Callbacks;
using Leyden.Api.Eachlabs;
using Leyden.Api.Health;
using Leyden.Api.Intake;
using Leyden.Api.Outputs;
using Leyden.Api.Streaming;
using Leyden.Api.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Api;

/// <summary>The one table of routes: the local host maps it, the Functions app has a trigger for each line.</summary>
public static class ApiRoutes
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>All routes.</summary>
    public static IReadOnlyList<ApiRoute> All { get; } =
    [
        Eachlabs("CreatePrediction", HttpMethods.Post, "v1/prediction", (e, call) => e.CreateAsync(call)),
        Eachlabs("RunPrediction", HttpMethods.Post, "v1/prediction/run", (e, call) => e.RunAsync(call)),
        Eachlabs("GetPrediction", HttpMethods.Get, "v1/prediction/{id}", (e, call) => e.GetAsync(call)),
        Eachlabs("CancelPrediction", HttpMethods.Post, "v1/prediction/{id}/cancel", (e, call) => e.CancelAsync(call)),
        Eachlabs("DeletePrediction", HttpMethods.Delete, "v1/prediction/{id}", (e, call) => e.DeleteAsync(call)),
        Eachlabs("ListPredictions", HttpMethods.Get, "v1/predictions", (e, call) => e.ListAsync(call)),
        new(
            "StreamPrediction",
            [HttpMethods.Get],
            "v1/prediction/{id}/events",
            NeedsKey: true,
            (services, call) => services.GetRequiredService<StreamEndpoints>().FollowAsync(call)
        ),
        new(
            "ReceiveCallback",
            [HttpMethods.Post],
            CallbackEndpoints.Pattern,
            NeedsKey: false, // the token is the permission
            (services, call) => services.GetRequiredService<CallbackEndpoints>().ReceiveAsync(call)
        ),
        Webhooks("ListDeliveries", HttpMethods.Get, "v1/prediction/{id}/deliveries", (w, call) => w.ListAsync(call)),
        Webhooks(
            "RedeliverDelivery",
            HttpMethods.Post,
            "v1/prediction/{id}/deliveries/{target}/redeliver",
            (w, call) => w.RedeliverAsync(call)
        ),
        Webhooks("ListParkedDeliveries", HttpMethods.Get, "v1/deliveries", (w, call) => w.ListParkedAsync(call)),
        Webhooks(
            "ListWebhookEndpoints",
            HttpMethods.Get,
            "v1/webhooks/endpoints",
            (w, call) => w.ListEndpointsAsync(call)
        ),
        Webhooks(
            "ResumeWebhookEndpoint",
            HttpMethods.Post,
            "v1/webhooks/endpoints/{name}/resume",
            (w, call) => w.ResumeAsync(call)
        ),
        Webhooks("GetWebhookSecret", HttpMethods.Get, "v1/webhooks/default/secret", (w, call) => w.SecretAsync(call)),
        Batches("SubmitBatch", HttpMethods.Post, "v1/batches", (b, call) => b.SubmitAsync(call)),
        Batches("ListBatches", HttpMethods.Get, "v1/batches", (b, call) => b.ListAsync(call)),
        Batches("GetBatch", HttpMethods.Get, "v1/batches/{id}", (b, call) => b.GetAsync(call)),
        Batches("GetBatchResults", HttpMethods.Get, "v1/batches/{id}/results", (b, call) => b.ResultsAsync(call)),
        Batches("CancelBatch", HttpMethods.Post, "v1/batches/{id}/cancel", (b, call) => b.CancelAsync(call)),
        Batches("DeleteBatch", HttpMethods.Delete, "v1/batches/{id}", (b, call) => b.DeleteAsync(call)),
        Events("ReceiveEvents", HttpMethods.Post, (e, call) => e.ReceiveAsync(call)),
        Events("AllowEvents", HttpMethods.Options, (_, call) => Task.FromResult(EventEndpoints.Allow(call))),
        Health("Health", "healthz", (_, _) => Task.FromResult(HealthEndpoints.Alive())),
        Health("Ready", "readyz", (h, call) => h.ReadyAsync(call)),
        new(
            "GetOutput",
            GetAndHead,
            OutputHandlers.Pattern,
            NeedsKey: false, // the link itself is the permission
            (services, call) => services.GetRequiredService<OutputEndpoints>().GetAsync(call)
        ),
    ];

    private static readonly FrozenDictionary<string, ApiRoute> ByName = All.ToFrozenDictionary(
        route => route.Name,
        StringComparer.Ordinal
    );

    /// <summary>The route of a name.</summary>
    /// <exception cref="KeyNotFoundException">The table has none.</exception>
    public static ApiRoute Get(string name) => ByName[name];

    private static ApiRoute Eachlabs(
        string name,
        string method,
        string pattern,
        Func<EachlabsEndpoints, ApiCall, Task<IResult>> handle
    ) =>
        new(
            name,
            [method],
            pattern,
            NeedsKey: true,
            (services, call) => handle(services.GetRequiredService<EachlabsEndpoints>(), call)
        );

    private static ApiRoute Webhooks(
        string name,
        string method,
        string pattern,
        Func<WebhookEndpoints, ApiCall, Task<IResult>> handle
    ) =>
        new(
            name,
            [method],
            pattern,
            NeedsKey: true,
            (services, call) => handle(services.GetRequiredService<WebhookEndpoints>(), call)
        );

    private static ApiRoute Batches(
        string name,
        string method,
        string pattern,
        Func<BatchEndpoints, ApiCall, Task<IResult>> handle
    ) =>
        new(
            name,
            [method],
            pattern,
            NeedsKey: true,
            (services, call) => handle(services.GetRequiredService<BatchEndpoints>(), call)
        );

    private static ApiRoute Events(string name, string method, Func<EventEndpoints, ApiCall, Task<IResult>> handle) =>
        new(
            name,
            [method],
            "v1/events",
            NeedsKey: false, // asked for by the endpoint: handshakes come before anything is trusted
            (services, call) => handle(services.GetRequiredService<EventEndpoints>(), call)
        );

    private static ApiRoute Health(string name, string pattern, Func<HealthEndpoints, ApiCall, Task<IResult>> handle) =>
        new(
            name,
            GetAndHead,
            pattern,
            NeedsKey: false,
            (services, call) => handle(services.GetRequiredService<HealthEndpoints>(), call)
        );
}

/// <summary>One route.</summary>
/// <param name="Name">Its name, and that of its function in the Functions app.</param>
/// <param name="Methods">The HTTP methods.</param>
/// <param name="Pattern">The path without a leading slash.</param>
/// <param name="NeedsKey">Whether the caller must be known.</param>
/// <param name="Handle">What serves it.</param>
public sealed record ApiRoute(
    string Name,
    IReadOnlyList<string> Methods,
    string Pattern,
    bool NeedsKey,
    Func<IServiceProvider, ApiCall, Task<IResult>> Handle
)
{
    /// <summary>Whether a part of the path is itself a permission, which must not be logged.</summary>
    public bool HasToken => Pattern.Contains("{token}", StringComparison.Ordinal);

    /// <summary>Whether the path's <c>{id}</c> is that of a batch, not of a prediction: both have the same form.</summary>
    public bool IsOfBatch => Pattern.StartsWith("v1/batches/", StringComparison.Ordinal);
}
