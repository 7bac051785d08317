using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Eachlabs;

/// <summary>
/// The Eachlabs prediction API, with what it lacks: list, delete, idempotency keys, deadlines. Plain classes over
/// <see cref="ApiCall"/>, so that both hosts serve the same.
/// </summary>
public sealed class EachlabsEndpoints(
    PredictionService service,
    PredictionStore store,
    PredictionWatcher watcher,
    Links links,
    IOptions<ApiOptions> options
)
{
    /// <summary><c>POST /v1/prediction</c>: accepts a prediction.</summary>
    public async Task<IResult> CreateAsync(ApiCall call)
    {
        var created = await AcceptAsync(call);
        return ApiAnswer.Json(EachlabsDialect.WriteAccepted(created.Prediction));
    }

    /// <summary><c>POST /v1/prediction/run</c>: accepts a prediction and waits for its end.</summary>
    public async Task<IResult> RunAsync(ApiCall call)
    {
        var created = (await AcceptAsync(call)).Prediction;
        var longest = options.Value.MaxWait;
        var ended = await watcher.WaitAsync(created.Owner, created.Id, longest, call.Aborted) ?? created;
        if (ended.Status.IsTerminal())
        {
            return await ShowAsync(call, ended);
        }

        // A client that repeats on its own would be billed again: it must not.
        call.Request.HttpContext.Response.Headers["x-should-retry"] = "false";
        var seconds = longest.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        return ApiAnswer.Json(
            new JsonObject
            {
                ["error"] =
                    $"The prediction has not ended within {seconds} s. It goes on: read it at {Self(call, ended)}.",
                ["status"] = EachlabsDialect.StatusWord(ended.Status),
                ["predictionID"] = ended.Id.Value,
            },
            StatusCodes.Status504GatewayTimeout
        );
    }

    /// <summary>
    /// <c>GET /v1/prediction/{id}</c>: tells all about a prediction; with <see cref="WaitTime"/> as soon as it has ended, or as it is when
    /// the wait is over.
    /// </summary>
    public async Task<IResult> GetAsync(ApiCall call)
    {
        var wait = WaitTime.Read(call.Request, options.Value.MaxWait, out var error);
        if (error is not null)
        {
            throw EachlabsCreateRequest.Invalid([error]);
        }

        var found =
            wait > TimeSpan.Zero
                ? await watcher.WaitAsync(call.Caller, call.Id, wait, call.Aborted)
                : await service.FindAsync(call.Caller, call.Id, call.Aborted);
        return await ShowAsync(call, found ?? throw ApiCall.NotFound());
    }

    /// <summary><c>POST /v1/prediction/{id}/cancel</c>: asks to stop a prediction.</summary>
    public async Task<IResult> CancelAsync(ApiCall call)
    {
        var prediction =
            await service.CancelAsync(call.Caller, call.Id, call.Client, CancellationToken.None)
            ?? throw ApiCall.NotFound();
        if (prediction.Status.IsTerminal() && prediction.Status != PredictionStatus.Canceled)
        {
            var word = EachlabsDialect.StatusWord(prediction.Status);
            throw new ApiException(
                StatusCodes.Status409Conflict,
                $"Too late to cancel: the prediction has ended ({word})."
            );
        }

        return ApiAnswer.Json(
            new JsonObject
            {
                ["status"] = "cancelled",
                ["message"] = prediction.Status.IsTerminal()
                    ? "The prediction is canceled."
                    : "The prediction is being canceled; what its backend has finished before is still delivered.",
                ["predictionID"] = prediction.Id.Value,
            }
        );
    }

    /// <summary><c>DELETE /v1/prediction/{id}</c>: deletes an ended prediction with its pictures.</summary>
    public async Task<IResult> DeleteAsync(ApiCall call) =>
        await service.DeleteAsync(call.Caller, call.Id, call.Aborted) switch
        {
            true => Results.NoContent(),
            false => throw new ApiException(
                StatusCodes.Status409Conflict,
                "The prediction has not ended: cancel it first, then delete it."
            ),
            null => throw ApiCall.NotFound(),
        };

    /// <summary><c>GET /v1/predictions?limit=20&amp;cursor=…</c>: the caller's predictions, newest first.</summary>
    public async Task<IResult> ListAsync(ApiCall call)
    {
        var page = await PageQuery.ReadAsync(
            call,
            query => store.ListAsync(call.Caller, query.Cursor, query.Limit, call.Aborted)
        );
        var items = new JsonArray();
        foreach (var prediction in page.Predictions)
        {
            items.Add(await WriteAsync(call, prediction, ahead: null));
        }

        return ApiAnswer.Json(new JsonObject { ["predictions"] = items, ["next_cursor"] = page.Cursor });
    }

    private async Task<CreateOutcome.Created> AcceptAsync(ApiCall call)
    {
        var errors = new List<InputError>();
        var request = await EachlabsCreateRequest.ReadAsync(call, errors);
        errors.AddRange(service.Check(request).Select(InTermsOfTheDialect));
        if (errors.Count > 0)
        {
            throw EachlabsCreateRequest.Invalid([.. errors.DistinctBy(e => e.Field)]);
        }

        // From here on the prediction is accepted whether or not the caller stays: not to stop half-way.
        switch (await service.CreateAsync(request, call.Client, CancellationToken.None))
        {
            case CreateOutcome.Created created:
                if (created.IsRepeat)
                {
                    call.Request.HttpContext.Response.Headers[ApiAnswer.Replayed] = "true";
                }

                return created;
            case CreateOutcome.Invalid invalid:
                throw EachlabsCreateRequest.Invalid(invalid.Errors);
            default:
                throw new ApiException(
                    StatusCodes.Status422UnprocessableEntity,
                    "This Idempotency-Key was used for another request before; use a new key for a new prediction."
                );
        }
    }

    private static InputError InTermsOfTheDialect(InputError error) =>
        error.Field == PredictionRequest.DeadlineField ? error.Named(DeadlineHeader.Name) : error;

    private async Task<IResult> ShowAsync(ApiCall call, Prediction prediction) =>
        ApiAnswer.Json(await WriteAsync(call, prediction, await service.AheadAsync(prediction, call.Aborted)));

    private async Task<JsonObject> WriteAsync(ApiCall call, Prediction prediction, int? ahead)
    {
        var outputs = await links.ToOutputsAsync(call.Request, prediction.Outputs, call.Aborted);
        return EachlabsDialect.Write(prediction, outputs, ahead, Self(call, prediction));
    }

    private string Self(ApiCall call, Prediction prediction) =>
        links.To(call.Request, $"/v1/prediction/{prediction.Id}");
}
