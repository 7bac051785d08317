using System.Text.Json.Nodes;
using Leyden.Api.Eachlabs;
using Leyden.Batches;

namespace Leyden.Api.Batches;

/// <summary>The shapes of batches and their results in answers.</summary>
public static class BatchDialect
{
    /// <summary>The word for a status.</summary>
    public static string StatusWord(BatchStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>What became of its items so far.</summary>
    public static JsonObject Write(BatchCounts counts) =>
        new()
        {
            ["total"] = counts.Total,
            ["finished"] = counts.Finished,
            ["succeeded"] = counts.Succeeded,
            ["failed"] = counts.Failed,
            ["canceled"] = counts.Canceled,
        };

    /// <summary>A batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="self">Its own URL; null where there is no server.</param>
    public static JsonObject Write(Batch batch, string? self = null)
    {
        var json = new JsonObject
        {
            ["id"] = batch.Id.Value,
            ["status"] = StatusWord(batch.Status),
            ["counts"] = Write(batch.Counts),
        };
        if (self is not null)
        {
            json["urls"] = new JsonObject
            {
                ["get"] = self,
                ["results"] = self + "/results",
                ["cancel"] = self + "/cancel",
            };
        }

        json["created_at"] = batch.CreatedAt;
        json["completed_at"] = batch.CompletedAt;
        if (batch is { Status: BatchStatus.Processing, CancelRequestedAt: { } asked })
        {
            json["cancel_requested_at"] = asked;
        }

        if (batch.Failure is { } failure)
        {
            json["error"] = failure.Message;
            json["error_code"] = failure.Code;
        }

        return json;
    }

    /// <summary>What became of one item, in the words that its prediction is told in.</summary>
    /// <param name="result">The result.</param>
    /// <param name="outputs">A link to each picture.</param>
    public static JsonObject Write(BatchResult result, IReadOnlyList<string> outputs)
    {
        var json = new JsonObject
        {
            ["index"] = result.Index,
            ["id"] = result.Id?.Value,
            ["status"] = EachlabsDialect.StatusWord(result.Status),
            ["output"] = EachlabsDialect.WriteOutput(outputs),
        };
        if (result.Failure is { } failure)
        {
            json["error"] = failure.Message;
            json["error_code"] = failure.Code;
            json["error_retryable"] = failure.Retryable;
        }

        return json;
    }
}
