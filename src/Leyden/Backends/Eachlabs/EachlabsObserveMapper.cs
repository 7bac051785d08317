using System.Globalization;
using System.Text.Json;
using Leyden.Predictions;

namespace Leyden.Backends.Eachlabs;

/// <summary>What the answer to a read means.</summary>
/// <param name="apiKey">Kept out of every text.</param>
/// <param name="pricePerSecond">US dollars a second, for predictions whose cost Eachlabs does not tell.</param>
internal sealed class EachlabsObserveMapper(string? apiKey, decimal pricePerSecond)
{
    private const double LongestRunSeconds = 30 * 24 * 3600;

    public ObserveOutcome Map(EachlabsAnswer answer) =>
        answer switch
        {
            EachlabsAnswer.NotSent notSent => Unavailable(notSent.Reason, null),
            EachlabsAnswer.Lost lost => Unavailable(lost.Reason, null),
            EachlabsAnswer.Received { Status: 404 or 410 } => new ObserveOutcome.Missing(),
            EachlabsAnswer.Received { Status: 429 } received => new ObserveOutcome.Throttled(received.RetryAfter),
            EachlabsAnswer.Received { Status: >= 200 and < 300 } received => MapPrediction(received),
            EachlabsAnswer.Received { Status: 401 } received => Unavailable(
                "it does not accept the key any more (Leyden:Eachlabs:ApiKey)",
                EachlabsDetail.Of(received, apiKey)
            ),
            EachlabsAnswer.Received received => Unavailable(
                $"it answered {received.Status}",
                EachlabsDetail.Of(received, apiKey)
            ),
            _ => throw new InvalidOperationException("A request has an outcome that the mapper does not know."),
        };

    private ObserveOutcome MapPrediction(EachlabsAnswer.Received answer)
    {
        if (!EachlabsJson.TryRead(answer, out PredictionAnswer? prediction) || prediction.Status is null)
        {
            return Unavailable("its answer was not the JSON of a prediction", null);
        }

        return prediction.Status.Trim().ToLowerInvariant() switch
        {
            "success" or "succeeded" => MapSuccess(prediction),
            "error" or "failed" => MapFailure(prediction),
            "cancelled" or "canceled" => new ObserveOutcome.Canceled(),
            "processing" or "running" => new ObserveOutcome.Running(Started: true),
            // created, starting, and words that we do not know: not finished, as far as anybody can tell.
            _ => new ObserveOutcome.Running(Started: false),
        };
    }

    private ObserveOutcome MapSuccess(PredictionAnswer prediction)
    {
        var (time, cost) = MetricsOf(prediction.Metrics);
        var outputs = EachlabsOutputs.Find(prediction.Output);
        if (outputs.Count > 0)
        {
            var logs = EachlabsDetail.LogOf(prediction, apiKey);
            return new ObserveOutcome.Succeeded(outputs, time, cost, logs);
        }

        var failure = new PredictionFailure(
            FailureCodes.OutputUnavailable,
            Retryable: false,
            "Eachlabs reports success, but gave no output.",
            EachlabsDetail.Of(prediction, apiKey)
        );
        return new ObserveOutcome.Failed(failure, time, cost);
    }

    private ObserveOutcome.Failed MapFailure(PredictionAnswer prediction)
    {
        var (time, cost) = MetricsOf(prediction.Metrics);
        var detail = EachlabsDetail.Of(prediction, apiKey);
        var failure = SafetyFailures.AreToldBy(detail)
            ? SafetyFailures.Create(detail)
            : new PredictionFailure(
                FailureCodes.BackendFailed,
                Retryable: false,
                "The model failed at Eachlabs. Asking again starts, and bills, a new run.",
                detail
            );
        return new ObserveOutcome.Failed(failure, time, cost);
    }

    private (TimeSpan? Time, decimal? Cost) MetricsOf(JsonElement metrics)
    {
        var seconds = NumberOf(metrics, "predict_time") is { } s and >= 0 and <= LongestRunSeconds ? s : (double?)null;
        var cost =
            NumberOf(metrics, "cost") is { } told and >= 0 and < 1e6 ? (decimal)told
            : seconds is > 0 ? (decimal)seconds * pricePerSecond
            : (decimal?)null;
        return (
            seconds is null ? null : TimeSpan.FromSeconds(seconds.Value),
            cost is null ? null : Math.Round(cost.Value, 8)
        );
    }

    private static double? NumberOf(JsonElement metrics, string name)
    {
        if (metrics.ValueKind != JsonValueKind.Object || !metrics.TryGetProperty(name, out var member))
        {
            return null;
        }

        var text = member.ValueKind is JsonValueKind.String ? member.GetString() : member.GetRawText();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static ObserveOutcome.Unavailable Unavailable(string reason, string? detail) =>
        new(
            new PredictionFailure(
                FailureCodes.BackendUnavailable,
                Retryable: false, // the prediction was accepted: asking for it again would bill a second run
                $"The prediction could not be read from Eachlabs: {reason}.",
                detail
            )
        );
}
