using System.Text.Json.Nodes;
using Leyden.Api.Eachlabs;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Streaming;

/// <summary>The route of event streams.</summary>
public sealed class StreamEndpoints(
    PredictionStore store,
    PredictionFeed feed,
    Links links,
    IOptions<StreamOptions> options
)
{
    private const int MaxIdLength = 100;
    private int _open;

    /// <summary>
    /// <c>GET /v1/prediction/{id}/events</c>: what changes, as server-sent events. 204 to a client that has seen the end, since that keeps
    /// an <c>EventSource</c> from connecting again; 503 when too many are open.
    /// </summary>
    public async Task<IResult> FollowAsync(ApiCall call)
    {
        var prediction = await store.FindAsync(call.Caller, call.Id, call.Aborted) ?? throw ApiCall.NotFound();
        var known = call.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 and <= MaxIdLength } id
            ? id
            : null;
        if (prediction.Status.IsTerminal() && (await feed.LookAsync(prediction, call.Aborted)).Id() == known)
        {
            return Results.NoContent();
        }

        return new StreamResult(this, call, prediction, known);
    }

    private async Task ServeAsync(ApiCall call, Prediction prediction, string? known, HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _open) > options.Value.MaxStreams)
            {
                context.Response.Headers.RetryAfter = "5";
                var busy = new ApiException(
                    StatusCodes.Status503ServiceUnavailable,
                    "Too many event streams are open: read the prediction instead, or come back later."
                );
                await ApiAnswer.Json(EachlabsDialect.WriteError(busy), busy.Status).ExecuteAsync(context);
                return;
            }

            await feed.WriteAsync(prediction, known, snapshot => ShowAsync(call, snapshot), context.Response);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<JsonObject> ShowAsync(ApiCall call, PredictionSnapshot snapshot)
    {
        var prediction = snapshot.Prediction;
        var outputs = await links.ToOutputsAsync(call.Request, prediction.Outputs, call.Aborted);
        var self = links.To(call.Request, $"/v1/prediction/{prediction.Id}");
        var json = EachlabsDialect.Write(prediction, outputs, snapshot.Ahead, self);
        foreach (var (name, value) in PredictionFeed.ProgressOf(snapshot))
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }

    private sealed class StreamResult(StreamEndpoints endpoints, ApiCall call, Prediction prediction, string? known)
        : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => endpoints.ServeAsync(call, prediction, known, httpContext);
    }
}
