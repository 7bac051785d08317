using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Api.Eachlabs;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Api.Streaming;

/// <summary>A prediction at one moment, as a watcher sees it.</summary>
/// <param name="Prediction">Its record.</param>
/// <param name="Ahead">How many are called before it; null when it does not wait for its backend.</param>
/// <param name="Progress">From 0 to 1; 1 at the end only.</param>
/// <param name="IsEstimate">Whether that is estimated by what recent runs took, and not told by the model.</param>
public sealed record PredictionSnapshot(Prediction Prediction, int? Ahead, double Progress, bool IsEstimate)
{
    private const double MostBeforeTheEnd = 0.95;
    private const int IdBytes = 12;

    /// <summary>Takes one.</summary>
    /// <param name="prediction">The record.</param>
    /// <param name="books">The books of its backend.</param>
    /// <param name="done">How much of it the model has done, from 0 to 1; null when it does not tell here.</param>
    /// <param name="now">The present moment.</param>
    public static PredictionSnapshot Of(Prediction prediction, LedgerState books, double? done, DateTimeOffset now)
    {
        var ahead = prediction.Status == PredictionStatus.Queued ? books.Ahead(prediction.Id.Value) : null;
        return prediction.Status.IsTerminal() ? new PredictionSnapshot(prediction, ahead, 1, IsEstimate: false)
            : done is { } told
                ? new PredictionSnapshot(
                    prediction,
                    ahead,
                    Math.Round(Math.Min(told, MostBeforeTheEnd), 2),
                    IsEstimate: false
                )
            : new PredictionSnapshot(prediction, ahead, ProgressOf(prediction, books, now), IsEstimate: true);
    }

    /// <summary>
    /// A digest of what a watcher sees but links, which are new each time, and the progress: the same in every process, so that a
    /// watcher that comes back is not told what it knows.
    /// </summary>
    public string Id()
    {
        var keys = Prediction.Outputs.Select(o => o.Key.Value).ToList();
        var seen = EachlabsDialect.Write(Prediction, keys, Ahead, self: "");
        var text = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(seen, LeydenJson.Options);
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, IdBytes));
    }

    private static double ProgressOf(Prediction prediction, LedgerState books, DateTimeOffset now)
    {
        if (
            prediction.StartedAt is not { } started
            || books.RunTimes.Estimate(prediction.Model, prediction.Workload) is not { } usual
        )
        {
            return 0;
        }

        return Math.Round(Math.Clamp((now - started) / usual, 0, MostBeforeTheEnd), 2);
    }
}
