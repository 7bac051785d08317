using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Cog;

/// <summary>The endpoints of predictions.</summary>
internal sealed class CogPredictions(
    CogEmulatorOptions options,
    CogFaults faults,
    CogCounters counters,
    CogLife life,
    CogAnswers answers,
    TimeProvider timeProvider
)
{
    public async Task<IResult> PutAsync(HttpContext context, string? id)
    {
        counters.Put();
        var body =
            await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        id ??= (string?)body?["id"] ?? $"pred_{counters.Read().Puts}";
        if (life.IsRunning(id))
        {
            return Json(202, new JsonObject { ["id"] = id, ["status"] = "processing" });
        }

        var wrong = new JsonArray();
        var input = CogInput.Read(body?["input"] as JsonObject ?? [], wrong);
        if (Refuse(input, wrong) is { } refusal)
        {
            return refusal;
        }

        if (life.TryBegin(id) is not { } stop)
        {
            return Busy();
        }

        counters.Begun(id, input.Prompt, life.Running);
        if (context.Request.Headers["Prefer"] == "respond-async")
        {
            _ = RunAsync(id, input, stop, CancellationToken.None);
            return Json(202, new JsonObject { ["id"] = id, ["status"] = "starting" });
        }

        if (Happens(CogFault.DropDetached))
        {
            _ = RunAsync(id, input, stop, CancellationToken.None);
            return Drop();
        }

        var run = RunAsync(id, input, stop, context.RequestAborted);
        if (Happens(CogFault.Drop))
        {
            await Task.Delay(options.RunTime / 2, timeProvider, CancellationToken.None);
            stop.Cancel();
            return Drop();
        }

        if (Happens(CogFault.BadGateway))
        {
            stop.Cancel();
            return Results.Text("<h1>502 Bad Gateway</h1>", "text/html", Encoding.UTF8, 502);
        }

        var finished = await run;
        if (Happens(CogFault.Defunct))
        {
            options.State = "DEFUNCT";
        }

        return Happens(CogFault.DropAfter) ? Drop()
            : Happens(CogFault.ServerError) ? Json(500, new JsonObject { ["error"] = "internal error, on command" })
            : await answers.WriteAsync(context, id, input, finished, options.RunTime);

        bool Happens(CogFault fault) => faults.Happens(fault, input.Prompt);

        IResult Drop()
        {
            context.Abort();
            return Results.Empty;
        }
    }

    public IResult Cancel(string id)
    {
        counters.Cancel();
        return Json(life.Cancel(id) ? 200 : 404, []);
    }

    private IResult? Refuse(CogInput input, JsonArray wrong)
    {
        bool Happens(CogFault fault) => faults.Happens(fault, input.Prompt);
        if (Happens(CogFault.Unprocessable))
        {
            wrong.Add(
                new JsonObject
                {
                    ["loc"] = new JsonArray("body", "input", "width"),
                    ["msg"] = "not accepted, on command",
                    ["type"] = "value_error",
                }
            );
        }

        return wrong.Count > 0 ? Json(422, new JsonObject { ["detail"] = wrong })
            : Happens(CogFault.UnprocessableError)
                ? Json(422, new JsonObject { ["error"] = "prompt is not accepted, on command", ["status"] = "failed" })
            : Happens(CogFault.Forbidden) ? Json(403, [])
            : Happens(CogFault.NotReady) || life.State is not ("READY" or "BUSY")
                ? Json(503, new JsonObject { ["error"] = "Predictor not ready", ["status"] = "failed" })
            : Happens(CogFault.Busy) ? Busy()
            : null;
    }

    private async Task<bool> RunAsync(
        string id,
        CogInput input,
        CancellationTokenSource stop,
        CancellationToken connection
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, connection);
        var until = faults.Happens(CogFault.CancelIgnored, input.Prompt) ? CancellationToken.None : either.Token;
        var time = faults.Happens(CogFault.NeverFinish, input.Prompt) ? Timeout.InfiniteTimeSpan : options.RunTime;
        try
        {
            await Task.Delay(time, timeProvider, until);
            return true;
        }
        catch (OperationCanceledException)
        {
            counters.Stopped();
            return false;
        }
        finally
        {
            life.End(id);
        }
    }

    private static IResult Busy() =>
        Json(409, new JsonObject { ["error"] = "At capacity - all prediction slots busy", ["status"] = "failed" });

    private static IResult Json(int status, JsonObject body) =>
        Results.Text(body.ToJsonString(), "application/json", Encoding.UTF8, status);
}
