using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Api.Eachlabs;

/// <summary>The words and shapes of the Eachlabs prediction API, as its documentation and its clients know them.</summary>
public static class EachlabsDialect
{
    /// <summary>The word for a status. Its <c>success</c> and <c>error</c> are what the documented client waits for.</summary>
    public static string StatusWord(PredictionStatus status) =>
        status switch
        {
            PredictionStatus.Queued => "created",
            PredictionStatus.Starting => "starting",
            PredictionStatus.Processing => "processing",
            PredictionStatus.Succeeded => "success",
            PredictionStatus.Failed => "error",
            PredictionStatus.Canceled => "cancelled",
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
        };

    /// <summary>A prediction, with what Eachlabs does not tell beside what it does.</summary>
    /// <param name="prediction">The prediction.</param>
    /// <param name="outputs">A link to each picture.</param>
    /// <param name="ahead">How many are called before it; null when it does not wait for its backend.</param>
    /// <param name="self">Its own URL.</param>
    public static JsonObject Write(Prediction prediction, IReadOnlyList<string> outputs, int? ahead, string self)
    {
        var json = new JsonObject
        {
            ["id"] = prediction.Id.Value,
            ["status"] = StatusWord(prediction.Status),
            ["model"] = prediction.Model,
            ["version"] = prediction.Version,
            ["input"] = prediction.Input.DeepClone(),
            ["output"] = WriteOutput(outputs),
            ["metrics"] = WriteMetrics(prediction),
            ["urls"] = new JsonObject { ["get"] = self, ["cancel"] = self + "/cancel" },
            ["backend"] = prediction.Backend,
            ["created_at"] = prediction.CreatedAt,
            ["deadline"] = prediction.Deadline,
        };
        Add("started_at", prediction.StartedAt);
        Add("completed_at", prediction.CompletedAt);
        Add("queue_position", ahead + 1);
        Add("backend_reason", prediction.BackendReason);
        Add("attempts", prediction.Attempts > 0 ? prediction.Attempts : null);
        Add("logs", prediction.Logs);
        Add("storing", prediction.Storing ? true : null);
        Add("cancel_requested_at", prediction.Status.IsTerminal() ? null : prediction.CancelRequestedAt);
        Add("notes", prediction.Notes.Count > 0 ? new JsonArray([.. prediction.Notes]) : null);
        if (prediction.Failure is { } failure)
        {
            json["error"] = failure.Message;
            json["error_message"] = failure.Message;
            json["error_code"] = failure.Code;
            json["error_retryable"] = failure.Retryable;
            Add("error_detail", failure.Detail);
        }

        return json;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }
    }

    /// <summary>The answer to a create: here <c>success</c> means accepted.</summary>
    public static JsonObject WriteAccepted(Prediction prediction) =>
        new()
        {
            ["status"] = "success",
            ["message"] = "Prediction created successfully",
            ["predictionID"] = prediction.Id.Value,
        };

    /// <summary>An error. 429 has a form of its own.</summary>
    public static JsonObject WriteError(ApiException error)
    {
        var json =
            error.Status == 429
                ? new JsonObject
                {
                    ["status"] = 429,
                    ["error"] = "Too many requests",
                    ["details"] = error.Message,
                }
                : new JsonObject { ["error"] = error.Message };
        if (error.Errors.Count > 0)
        {
            json["errors"] = new JsonArray([
                .. error.Errors.Select(e => new JsonObject { ["field"] = e.Field, ["message"] = e.Message }),
            ]);
        }

        return json;
    }

    /// <summary>One picture is a URL, several are an array, none is null.</summary>
    internal static JsonNode? WriteOutput(IReadOnlyList<string> outputs) =>
        outputs switch
        {
            [] => null,
            [var one] => one,
            _ => new JsonArray([.. outputs]),
        };

    private static JsonObject WriteMetrics(Prediction prediction)
    {
        var metrics = new JsonObject();
        // The documented client reads predict_time of every success, so where the backend does not tell, our own measure stands in.
        var predictTime =
            prediction.PredictTime
            ?? (prediction.Status == PredictionStatus.Succeeded ? prediction.CompletedAt - prediction.StartedAt : null);
        if (predictTime is { } time)
        {
            metrics["predict_time"] = Math.Round(time.TotalSeconds, 3);
        }

        if (prediction.Cost is { } cost)
        {
            metrics["cost"] = cost;
        }

        if (prediction.StartedAt is { } started)
        {
            metrics["queue_time"] = Math.Round((started - prediction.CreatedAt).TotalSeconds, 3);
        }

        if (prediction.CompletedAt is { } completed)
        {
            metrics["total_time"] = Math.Round((completed - prediction.CreatedAt).TotalSeconds, 3);
        }

        return metrics;
    }
}
