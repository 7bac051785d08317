using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary>The wrong answers of the API on command.</summary>
internal sealed class FaultyAnswers(EachlabsEmulatorOptions options, EachlabsFaults faults, TimeProvider timeProvider)
{
    private const string Html =
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";

    private static readonly (EachlabsFault Fault, int Status, string Message)[] Refusals =
    [
        (EachlabsFault.CreateBadRequest, 400, "input.scheduler is not one of the allowed values"),
        (EachlabsFault.CreateUnauthorized, 401, "Invalid or missing API key"),
        (EachlabsFault.CreatePaymentRequired, 402, "Insufficient balance"),
        (EachlabsFault.CreateForbidden, 403, "This key may not run this model"),
        (EachlabsFault.CreateNotFound, 404, "Model not found"),
        (EachlabsFault.CreateUnprocessable, 422, "input.width is not valid"),
        (EachlabsFault.CreateServerError, 500, "Internal server error"),
    ];

    /// <summary>What a create is answered instead of being accepted; null to accept it.</summary>
    public IResult? RefuseCreate(HttpContext context, string prompt, ApiGate gate)
    {
        if (faults.Happens(EachlabsFault.DropBefore, prompt))
        {
            return Drop(context);
        }

        if (faults.Happens(EachlabsFault.CreateThrottled, prompt))
        {
            return gate.Refuse(context, "Too many requests, on command", TimeSpan.FromSeconds(1));
        }

        foreach (var (fault, status, message) in Refusals)
        {
            if (faults.Happens(fault, prompt))
            {
                return ApiErrors.Plain(status, message);
            }
        }

        return null;
    }

    /// <summary>What an accepted create is answered; null for the right answer.</summary>
    public async Task<IResult?> SpoilCreateAsync(HttpContext context, EmulatedPrediction prediction)
    {
        bool Happens(EachlabsFault fault) => faults.Happens(fault, prediction.Prompt);
        if (Happens(EachlabsFault.SlowCreate))
        {
            await Task.Delay(options.SlowAnswer, timeProvider, context.RequestAborted);
        }

        return Happens(EachlabsFault.DropAfter) ? Drop(context)
            : Happens(EachlabsFault.CreateServerErrorAfter) ? ApiErrors.Plain(500, "Internal server error")
            : Happens(EachlabsFault.CreateBadGateway) ? Results.Text(Html, "text/html", Encoding.UTF8, 502)
            : Happens(EachlabsFault.CreateMalformed)
                ? Json($"{{\"status\":\"success\",\"predictionID\":\"{prediction.Id}")
            : Happens(EachlabsFault.CreateWithoutId) ? Results.Json(new JsonObject { ["status"] = "success" })
            : Happens(EachlabsFault.CreateHuge)
                ? Json(
                    $"{{\"status\":\"success\",\"message\":\"{new string('x', 2 << 20)}\",\"predictionID\":\"{prediction.Id}\"}}"
                )
            : null;
    }

    /// <summary>What a read is answered; null for the right answer.</summary>
    public async Task<IResult?> SpoilGetAsync(HttpContext context, EmulatedPrediction prediction, ApiGate gate)
    {
        bool Happens(EachlabsFault fault) => faults.Happens(fault, prediction.Prompt);
        if (Happens(EachlabsFault.SlowGet))
        {
            await Task.Delay(options.SlowAnswer, timeProvider, context.RequestAborted);
        }

        return Happens(EachlabsFault.GetDropped) ? Drop(context)
            : Happens(EachlabsFault.GetServerError) ? ApiErrors.Plain(500, "Internal server error")
            : Happens(EachlabsFault.GetMalformed) ? Json($"{{\"id\":\"{prediction.Id}\",\"status\":\"succ")
            : Happens(EachlabsFault.GetThrottled)
                ? gate.Refuse(context, "Too many requests, on command", TimeSpan.FromSeconds(1))
            : Happens(EachlabsFault.GetNotFound) ? ApiErrors.Plain(404, "Prediction not found")
            : Happens(EachlabsFault.GetUnauthorized) ? ApiErrors.Unauthorized()
            : null;
    }

    /// <summary>Breaks the connection.</summary>
    public static IResult Drop(HttpContext context)
    {
        context.Abort();
        return Results.Empty;
    }

    private static IResult Json(string text) => Results.Text(text, "application/json", Encoding.UTF8);
}
