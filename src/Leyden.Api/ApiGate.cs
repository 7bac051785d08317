using System.Diagnostics;
using Leyden.Api.Access;
using Leyden.Api.Eachlabs;
using Leyden.Batches;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Leyden.Api;

/// <summary>
/// The door that every request of both hosts comes through: it finds out who calls, serves the route, and writes whatever goes wrong
/// in the dialect, so that no host ever answers with a stack trace or an empty body.
/// </summary>
public sealed partial class ApiGate(CallerIdentifier callers, IServiceProvider services, ILogger<ApiGate> logger)
{
    private const int ClientClosedRequest = 499;
    private const long MaxDroppedBytes = 30_000_000;

    /// <summary>Serves a request.</summary>
    public async Task<IResult> InvokeAsync(ApiRoute route, HttpContext context, DurableTaskClient client)
    {
        LetRefusalsArrive(context);
        using var scope = BeginScope(route, context);
        KeepTokensOutOfTraces(route);
        try
        {
            var caller = route.NeedsKey ? callers.Require(context.Request) : Owner.Local;
            return await route.Handle(services, new ApiCall(context.Request, caller, client, context.RequestAborted));
        }
        catch (ApiException e)
        {
            if (e.Status == StatusCodes.Status401Unauthorized)
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
            }

            return Error(e);
        }
        catch (BadHttpRequestException e)
        {
            return Error(new ApiException(e.StatusCode, e.Message));
        }
        catch (ContentionException e)
        {
            Log.Contention(logger, e, route.Name);
            context.Response.Headers.RetryAfter = "1";
            return Error(
                new ApiException(StatusCodes.Status503ServiceUnavailable, "Too busy right now: repeat in a second.")
            );
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(ClientClosedRequest); // nobody reads it; it is for the access log
        }
        catch (Exception e)
        {
            return Fault(route.Name, e, context);
        }
    }

    /// <summary>The answer to a request that failed for a reason inside this service: logged whole, told by a reference to the log.</summary>
    public IResult Fault(string route, Exception reason, HttpContext context)
    {
        var reference = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        Log.Fault(logger, reason, route, reference);
        return Error(
            new ApiException(
                StatusCodes.Status500InternalServerError,
                $"A fault in this service; its log has the details under {reference}."
            )
        );
    }

    // A server cuts the connection of a body beyond its limit, and then its sender never reads why. So let the server read and drop
    // what is somewhat too large; what is taken into memory is limited by JsonBody alone.
    private static void LetRefusalsArrive(HttpContext context)
    {
        if (
            context.Features.Get<IHttpMaxRequestBodySizeFeature>() is
            { IsReadOnly: false, MaxRequestBodySize: < MaxDroppedBytes } limit
        )
        {
            limit.MaxRequestBodySize = MaxDroppedBytes;
        }
    }

    private IDisposable? BeginScope(ApiRoute route, HttpContext context)
    {
        var text = context.Request.RouteValues["id"] as string;
        if (route.IsOfBatch)
        {
            return BatchId.TryParse(text, out var batch)
                ? Tag(TelemetryTags.BatchId, batch.Value, BatchScope.Begin(logger, batch))
                : null;
        }

        return PredictionId.TryParse(text, out var id)
            ? Tag(TelemetryTags.PredictionId, id.Value, PredictionScope.Begin(logger, id))
            : null;
    }

    private static IDisposable? Tag(string name, string value, IDisposable? scope)
    {
        Activity.Current?.SetTag(name, value);
        return scope;
    }

    private static void KeepTokensOutOfTraces(ApiRoute route)
    {
        if (route.HasToken)
        {
            Activity.Current?.SetTag("url.path", $"/{route.Pattern}");
        }
    }

    private static IResult Error(ApiException error) => ApiAnswer.Json(EachlabsDialect.WriteError(error), error.Status);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Route} failed; the caller was told {Reference}")]
        public static partial void Fault(ILogger logger, Exception reason, string route, string reference);

        [LoggerMessage(2, LogLevel.Warning, "{Route} lost too many races for a document")]
        public static partial void Contention(ILogger logger, Exception reason, string route);
    }
}
