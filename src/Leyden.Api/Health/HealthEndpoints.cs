using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Leyden.Api.Health;

/// <summary>What load balancers and people ask first.</summary>
public sealed partial class HealthEndpoints(IObjectStore objects, ILogger<HealthEndpoints> logger)
{
    /// <summary><c>GET /healthz</c>: the process is alive. Touches nothing.</summary>
    public static IResult Alive() => Results.Json(new { status = "ok" });

    /// <summary><c>GET /readyz</c>: the object store and the durable engine answer; 503 when one does not.</summary>
    public async Task<IResult> ReadyAsync(ApiCall call)
    {
        var storage = await AnswersAsync(
            "storage",
            () => objects.ListAsync(PredictionKeys.Open, null, 1, call.Aborted)
        );
        var engine = await AnswersAsync("engine", () => call.Client.GetInstanceAsync("readyz", call.Aborted));
        return Results.Json(
            new
            {
                status = storage && engine ? "ok" : "unavailable",
                storage = Word(storage),
                engine = Word(engine),
            },
            statusCode: storage && engine ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static string Word(bool answers) => answers ? "ok" : "unavailable";

    private async Task<bool> AnswersAsync(string what, Func<Task> ask)
    {
        try
        {
            await ask();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.DoesNotAnswer(logger, e, what);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Not ready: {What} does not answer")]
        public static partial void DoesNotAnswer(ILogger logger, Exception reason, string what);
    }
}
