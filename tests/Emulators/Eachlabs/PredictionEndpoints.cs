using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary><c>GET /v1/prediction/{id}</c> and <c>POST /v1/prediction/{id}/cancel</c>.</summary>
internal sealed class PredictionEndpoints(
    EachlabsFaults faults,
    EachlabsCounters counters,
    PredictionTable predictions,
    PredictionJson json,
    ApiGate gate,
    WebhookSender webhooks,
    FaultyAnswers answers,
    TimeProvider timeProvider
)
{
    public async Task<IResult> GetAsync(HttpContext context, string id)
    {
        counters.Get();
        if (!predictions.TryGet(id, out var prediction))
        {
            return NotFound();
        }

        return await answers.SpoilGetAsync(context, prediction, gate)
            ?? Results.Json(json.Show(prediction, Addresses.BaseUrlOf(context.Request)));
    }

    public IResult Cancel(HttpContext context, string id)
    {
        counters.Cancel();
        if (!predictions.TryGet(id, out var prediction))
        {
            return NotFound();
        }

        if (faults.Happens(EachlabsFault.CancelServerError, prediction.Prompt))
        {
            return ApiErrors.Plain(500, "Internal server error");
        }

        if (!faults.Happens(EachlabsFault.CancelIgnored, prediction.Prompt))
        {
            prediction.Cancel(timeProvider.GetUtcNow());
            webhooks.Send(prediction, Addresses.BaseUrlOf(context.Request));
        }

        return Results.Json(
            new JsonObject
            {
                ["status"] = "cancelled",
                ["message"] = "Prediction cancelled successfully",
                ["predictionID"] = prediction.Id,
            }
        );
    }

    private static IResult NotFound() => ApiErrors.Plain(404, "Prediction not found");
}
