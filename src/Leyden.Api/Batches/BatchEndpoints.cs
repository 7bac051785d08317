using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Api.Eachlabs;
using Leyden.Batches;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Batches;

/// <summary>Batches: many predictions asked for, followed and collected as one.</summary>
public sealed class BatchEndpoints(BatchService service, BatchStore store, Links links)
{
    /// <summary><c>POST /v1/batches</c>: accepts a batch, whole or not at all.</summary>
    public async Task<IResult> SubmitAsync(ApiCall call)
    {
        var key = EachlabsCreateRequest.IdempotencyKey(call.Request);
        switch (await service.SubmitAsync(call.Caller, BatchBody.Read(call), key, call.Client, call.Aborted))
        {
            case BatchOutcome.Accepted accepted:
                if (accepted.IsRepeat)
                {
                    call.Request.HttpContext.Response.Headers[ApiAnswer.Replayed] = "true";
                }

                return Show(call, accepted.Batch, StatusCodes.Status202Accepted);
            case BatchOutcome.Invalid invalid:
                throw new ApiException(StatusCodes.Status400BadRequest, invalid.Message, invalid.Errors);
            default:
                throw new ApiException(
                    StatusCodes.Status422UnprocessableEntity,
                    "This Idempotency-Key was used for another batch before; use a new key for a new batch."
                );
        }
    }

    /// <summary><c>GET /v1/batches/{id}</c>: tells how far a batch is.</summary>
    public async Task<IResult> GetAsync(ApiCall call) => Show(call, await FindAsync(call));

    /// <summary>
    /// <c>GET /v1/batches/{id}/results?from=0</c>: what became of the items that have ended, a JSON line each, in their order, from the
    /// item of that index on.
    /// </summary>
    public async Task<IResult> ResultsAsync(ApiCall call)
    {
        var from = ReadFrom(call.Request.Query["from"]);
        return new BatchResultLines(await FindAsync(call), from, store, links);
    }

    /// <summary><c>GET /v1/batches?limit=20&amp;cursor=…</c>: the caller's batches, newest first.</summary>
    public async Task<IResult> ListAsync(ApiCall call)
    {
        var page = await PageQuery.ReadAsync(
            call,
            query => store.ListAsync(call.Caller, query.Cursor, query.Limit, call.Aborted)
        );
        var items = new JsonArray([.. page.Batches.Select(batch => BatchDialect.Write(batch, Self(call, batch)))]);
        return ApiAnswer.Json(new JsonObject { ["batches"] = items, ["next_cursor"] = page.Cursor });
    }

    /// <summary><c>POST /v1/batches/{id}/cancel</c>: starts nothing further and cancels what is under way.</summary>
    public async Task<IResult> CancelAsync(ApiCall call)
    {
        var batch =
            await service.CancelAsync(call.Caller, Id(call), call.Client, CancellationToken.None) ?? throw NotFound();
        return batch.Status is BatchStatus.Processing or BatchStatus.Canceled
            ? Show(call, batch)
            : throw new ApiException(
                StatusCodes.Status409Conflict,
                $"Too late to cancel: the batch has ended ({BatchDialect.StatusWord(batch.Status)})."
            );
    }

    /// <summary><c>DELETE /v1/batches/{id}</c>: deletes an ended batch with its results; its predictions stay.</summary>
    public async Task<IResult> DeleteAsync(ApiCall call) =>
        await service.DeleteAsync(call.Caller, Id(call), call.Aborted) switch
        {
            true => Results.NoContent(),
            false => throw new ApiException(
                StatusCodes.Status409Conflict,
                "The batch has not ended: cancel it first, then delete it."
            ),
            null => throw NotFound(),
        };

    private static BatchId Id(ApiCall call) =>
        BatchId.TryParse(call.Request.RouteValues["id"] as string, out var id) ? id : throw NotFound();

    private static int ReadFrom(string? text)
    {
        if (text is null)
        {
            return 0;
        }

        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from <= Batch.MaxItems
            ? from
            : throw new ApiException(
                StatusCodes.Status400BadRequest,
                $"from must be the index of an item, from 0 to {Batch.MaxItems}."
            );
    }

    private static ApiException NotFound() => new(StatusCodes.Status404NotFound, "There is no batch with this id.");

    private async Task<Batch> FindAsync(ApiCall call) =>
        await service.FindAsync(call.Caller, Id(call), call.Aborted) ?? throw NotFound();

    private IResult Show(ApiCall call, Batch batch, int status = StatusCodes.Status200OK) =>
        ApiAnswer.Json(BatchDialect.Write(batch, Self(call, batch)), status);

    private string Self(ApiCall call, Batch batch) => links.To(call.Request, $"/v1/batches/{batch.Id}");
}
