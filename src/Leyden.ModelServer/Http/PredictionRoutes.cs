using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.ModelServer.Loading;
using Leyden.ModelServer.Predictions;

namespace Leyden.ModelServer.Http;

/// <summary>The routes that make predictions, read them and end them.</summary>
internal sealed partial class PredictionRoutes(
    RequestReader reader,
    PredictionDesk desk,
    RecentPredictions recent,
    ModelSetup setup,
    Random random,
    ILogger<PredictionRoutes> logger
)
{
    private const string RetryAfter = "5";

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/predictions", (RequestDelegate)(http => CreateAsync(http, null)));
        routes.MapPut("/predictions/{id}", (RequestDelegate)(http => CreateAsync(http, IdOf(http))));
        routes.MapGet("/predictions/{id}", (RequestDelegate)ReadAsync);
        routes.MapPost("/predictions/{id}/cancel", (RequestDelegate)CancelAsync);
    }

    private async Task CreateAsync(HttpContext http, string? idInPath)
    {
        if (WantsEvents(http.Request))
        {
            await Answers.ErrorAsync(
                http,
                StatusCodes.Status406NotAcceptable,
                "This model does not stream its output; ask without Accept: text/event-stream."
            );
            return;
        }

        if (idInPath is not null && desk.FindActive(idInPath) is { } same)
        {
            await WriteAsync(http, StatusCodes.Status202Accepted, same.State);
            return;
        }

        PredictionOrder order;
        try
        {
            order = await reader.ReadAsync(http.Request, idInPath, setup.SizeStep, http.RequestAborted);
        }
        catch (RequestRefusedException refusal)
        {
            await Answers.FaultsAsync(http, refusal);
            return;
        }

        var id = order.Id ?? NewId();
        if (order.Ignored.Count > 0)
        {
            Log.Ignored(logger, id, order.Ignored.Count);
        }

        await AnswerAsync(http, idInPath is not null, desk.Submit(id, order.Input, order.Webhook));
    }

    private async Task AnswerAsync(HttpContext http, bool isIdempotent, Admission admission)
    {
        switch (admission)
        {
            case Admission.Accepted({ } prediction):
                Log.Accepted(logger, prediction.Id);
                await (WantsNoWait(http.Request) ? AcknowledgeAsync(http, prediction) : WaitAsync(http, prediction));
                break;
            case Admission.AlreadyRunning({ } prediction) when isIdempotent:
                await WriteAsync(http, StatusCodes.Status202Accepted, prediction.State);
                break;
            case Admission.AlreadyRunning:
                await Answers.ErrorAsync(
                    http,
                    StatusCodes.Status409Conflict,
                    "A prediction with this id is running; use PUT to learn of it."
                );
                break;
            case Admission.AtCapacity(var reason):
                await Answers.ErrorAsync(http, StatusCodes.Status409Conflict, $"At capacity - {reason}");
                break;
            case Admission.NotReady(var reason):
                await RefuseAsync(http, reason);
                break;
        }
    }

    private Task AcknowledgeAsync(HttpContext http, Prediction prediction)
    {
        var body = new JsonObject { ["id"] = prediction.Id, ["status"] = "starting" };
        if (desk.PositionOf(prediction.Id) is { } position)
        {
            body["queue_position"] = position;
        }

        return Answers.JsonAsync(http, StatusCodes.Status202Accepted, body);
    }

    // Who waits holds the prediction: when the connection is lost nobody would get the pictures.
    private async Task WaitAsync(HttpContext http, Prediction prediction)
    {
        try
        {
            await prediction.Ended.WaitAsync(http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            Log.Dropped(logger, prediction.Id);
            desk.Cancel(prediction);
            return;
        }

        await (
            prediction.TurnedAway is { } reason
                ? RefuseAsync(http, reason)
                : WriteAsync(http, StatusCodes.Status200OK, prediction.State)
        );
    }

    private async Task ReadAsync(HttpContext http)
    {
        var id = IdOf(http);
        var state = desk.FindActive(id)?.State ?? recent.Find(id);
        await (
            state is null
                ? Answers.JsonAsync(
                    http,
                    StatusCodes.Status404NotFound,
                    new JsonObject { ["detail"] = "There is no prediction with this id, or no longer." }
                )
                : WriteAsync(http, StatusCodes.Status200OK, state)
        );
    }

    private Task CancelAsync(HttpContext http)
    {
        var isFound = desk.Cancel(IdOf(http));
        return Answers.JsonAsync(http, isFound ? StatusCodes.Status200OK : StatusCodes.Status404NotFound, []);
    }

    private Task WriteAsync(HttpContext http, int status, PredictionState state)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        var view = new PredictionView(ShowInput: true, desk.PositionOf(state.Id));
        return PredictionJson.WriteAsync(http.Response.BodyWriter, state, view, http.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext http, string reason)
    {
        http.Response.Headers.RetryAfter = RetryAfter;
        return Answers.ErrorAsync(http, StatusCodes.Status503ServiceUnavailable, $"Not ready - {reason}");
    }

    private string NewId() =>
        string.Create(CultureInfo.InvariantCulture, $"pred_{random.NextInt64():x16}{random.NextInt64():x16}");

    private static string IdOf(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static bool WantsNoWait(HttpRequest request) =>
        request.Headers.GetCommaSeparatedValues("Prefer").Contains("respond-async", StringComparer.OrdinalIgnoreCase);

    private static bool WantsEvents(HttpRequest request) =>
        request
            .Headers.GetCommaSeparatedValues("Accept")
            .Any(type => type.Split(';')[0].Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Accepted {Prediction}")]
        public static partial void Accepted(ILogger logger, string prediction);

        [LoggerMessage(2, LogLevel.Information, "The caller of {Prediction} has gone; it is canceled")]
        public static partial void Dropped(ILogger logger, string prediction);

        [LoggerMessage(
            3,
            LogLevel.Warning,
            "{Prediction} has {Count} inputs that this model does not know; they are passed over"
        )]
        public static partial void Ignored(ILogger logger, string prediction, int count);
    }
}
