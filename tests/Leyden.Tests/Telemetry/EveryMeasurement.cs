using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Telemetry;

namespace Leyden.Tests.Telemetry;

/// <summary>One measurement by each instrument of the meter at least, with all the tags that it is ever given.</summary>
internal static class EveryMeasurement
{
    /// <summary>Takes them.</summary>
    public static void Take(LeydenMetrics metrics)
    {
        var now = TimeProvider.System.GetUtcNow();
        var prediction = new Prediction
        {
            Id = PredictionId.New(now, Randomness.Create()),
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = [],
            Workload = "test",
            Backend = "test",
            Status = PredictionStatus.Succeeded,
            CreatedAt = now,
            StartedAt = now,
            CompletedAt = now,
            Deadline = now,
            PredictTime = TimeSpan.Zero,
            Cost = 1,
        };
        metrics.Accepted(prediction);
        metrics.Ended(prediction);
        metrics.Ended(
            prediction with
            {
                Status = PredictionStatus.Failed,
                Failure = new PredictionFailure(FailureCodes.Nsfw, false, ""),
            }
        );
        metrics.BackendRequest("test", "submit", "accepted");
        metrics.QuotaWait("test", TimeSpan.Zero);
        metrics.LimitUsage("test", new BackendLimits(60, 10, TimeSpan.Zero, false), 1, 1);
        metrics.BreakerOpened("test");
        metrics.Delivery("webhook", "delivered");
        metrics.Parked("webhook");
        metrics.Message("taken");
    }
}
