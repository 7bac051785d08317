using System.Text.Json.Nodes;
using Leyden.Api.Eachlabs;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Webhooks;

/// <summary>What became of notifications, and what a caller can do about them.</summary>
public sealed class WebhookEndpoints(DeliveryService deliveries, WebhookSecrets secrets)
{
    private const int DefaultPageSize = 20;
    private const int MaxPageSize = 100;

    /// <summary><c>GET /v1/prediction/{id}/deliveries</c>: who was told what of a prediction, and how it went.</summary>
    public async Task<IResult> ListAsync(ApiCall call)
    {
        var logs = await deliveries.ListAsync(call.Caller, call.Id, call.Aborted) ?? throw ApiCall.NotFound();
        return ApiAnswer.Json(new JsonObject { ["deliveries"] = new JsonArray([.. logs.Select(DeliveryJson.Write)]) });
    }

    /// <summary>
    /// <c>POST /v1/prediction/{id}/deliveries/{target}/redeliver</c>: tells a target again, under the same ids; with <c>?event=succeeded</c>
    /// that event alone.
    /// </summary>
    public async Task<IResult> RedeliverAsync(ApiCall call)
    {
        var target = call.Request.RouteValues["target"] as string ?? "";
        // From here on the deliveries are on their way whether or not the caller stays: not to stop half-way.
        var log = ObjectKey.TryParse(target, out _)
            ? await deliveries.RedeliverAsync(
                call.Caller,
                call.Id,
                target,
                ReadEvent(call.Request),
                call.Client,
                CancellationToken.None
            )
            : null;
        return log is null
            ? throw new ApiException(
                StatusCodes.Status404NotFound,
                "There is no prediction with this id that this target was told of."
            )
            : ApiAnswer.Json(DeliveryJson.Write(log), StatusCodes.Status202Accepted);
    }

    /// <summary><c>GET /v1/deliveries?state=parked</c>: the caller's deliveries that were given up.</summary>
    public async Task<IResult> ListParkedAsync(ApiCall call)
    {
        var query = call.Request.Query;
        if (query["state"].ToString() != "parked")
        {
            throw EachlabsCreateRequest.Invalid([
                InputError.NotAllowed("state", $"\"{InputError.Shorten(query["state"].ToString())}\"", "parked"),
            ]);
        }

        var limit = DefaultPageSize;
        if (query["limit"] is { Count: > 0 } text && (!int.TryParse(text, out limit) || limit is < 1 or > MaxPageSize))
        {
            throw EachlabsCreateRequest.Invalid([
                InputError.NotAllowed(
                    "limit",
                    $"\"{InputError.Shorten(text!)}\"",
                    $"a whole number from 1 to {MaxPageSize}"
                ),
            ]);
        }

        try
        {
            var cursor = query["cursor"] is { Count: > 0 } given ? given.ToString() : null;
            var (parked, next) = await deliveries.ListParkedAsync(call.Caller, cursor, limit, call.Aborted);
            var items = parked.Select(p => DeliveryJson.Write(p.Id, p.Log));
            return ApiAnswer.Json(
                new JsonObject { ["deliveries"] = new JsonArray([.. items]), ["next_cursor"] = next }
            );
        }
        catch (InvalidCursorException)
        {
            throw EachlabsCreateRequest.Invalid([
                new InputError("cursor", "cursor is none that this list gave; leave it out to begin anew."),
            ]);
        }
    }

    /// <summary><c>GET /v1/webhooks/endpoints</c>: the configured receivers of the caller's events.</summary>
    public async Task<IResult> ListEndpointsAsync(ApiCall call)
    {
        var configured = await deliveries.ConfiguredAsync(call.Caller, call.Aborted);
        return ApiAnswer.Json(
            new JsonObject { ["endpoints"] = new JsonArray([.. configured.Select(DeliveryJson.Write)]) }
        );
    }

    /// <summary><c>POST /v1/webhooks/endpoints/{name}/resume</c>: puts a receiver back into service and tells it what it missed.</summary>
    public async Task<IResult> ResumeAsync(ApiCall call)
    {
        var name = call.Request.RouteValues["name"] as string ?? "";
        var resumed =
            await deliveries.ResumeAsync(call.Caller, name, call.Client, CancellationToken.None)
            ?? throw new ApiException(StatusCodes.Status404NotFound, "There is no endpoint of this name.");
        return ApiAnswer.Json(
            new JsonObject
            {
                ["state"] = "active",
                ["redelivered"] = resumed.Redelivered,
                ["more"] = resumed.HasMore,
            },
            StatusCodes.Status202Accepted
        );
    }

    /// <summary><c>GET /v1/webhooks/default/secret</c>: what signs the caller's webhooks that were created without a secret.</summary>
    public async Task<IResult> SecretAsync(ApiCall call)
    {
        var secret = await secrets.DefaultOfAsync(call.Caller, call.Aborted);
        call.Request.HttpContext.Response.Headers.CacheControl = "no-store";
        return ApiAnswer.Json(new JsonObject { ["key"] = secret.Reveal() });
    }

    private static PredictionEvent? ReadEvent(HttpRequest request)
    {
        if (request.Query["event"] is not { Count: > 0 } given)
        {
            return null;
        }

        var found = PredictionEventWords.All.Where(e => e.Word() == given.ToString()).ToList();
        return found is [var only]
            ? only
            : throw EachlabsCreateRequest.Invalid([
                InputError.NotAllowed(
                    "event",
                    $"\"{InputError.Shorten(given.ToString())}\"",
                    $"one of {string.Join(", ", PredictionEventWords.All.Select(e => e.Word()))}"
                ),
            ]);
    }
}
