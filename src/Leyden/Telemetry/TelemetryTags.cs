namespace Leyden.Telemetry;

/// <summary>
/// The tags of spans and metrics. Those of metrics have few values each; ids are on spans only. No prompt, link or key is ever one.
/// </summary>
public static class TelemetryTags
{
    /// <summary>On spans: the prediction.</summary>
    public const string PredictionId = "leyden.prediction.id";

    /// <summary>On spans: the batch that a request is about.</summary>
    public const string BatchId = "leyden.batch.id";

    /// <summary>How the prediction ended: <c>succeeded</c>, <c>failed</c> or <c>canceled</c>.</summary>
    public const string Status = "leyden.prediction.status";

    /// <summary>The backend's name.</summary>
    public const string Backend = "leyden.backend.name";

    /// <summary>What the backend was asked: <c>submit</c>, <c>observe</c>, <c>readiness</c>, <c>run</c> or <c>cancel</c>.</summary>
    public const string Operation = "leyden.backend.operation";

    /// <summary>Which of the backend's limits: <c>places</c> or <c>requests</c>.</summary>
    public const string Limit = "leyden.backend.limit";

    /// <summary>What came of it, a word out of a closed set.</summary>
    public const string Outcome = "leyden.outcome";

    /// <summary>On spans: which take of its kind a step is, from 1.</summary>
    public const string Attempt = "leyden.step.attempt";

    /// <summary>Where a delivery goes: <c>webhook</c>, <c>queue</c> …</summary>
    public const string Kind = "leyden.delivery.kind";

    /// <summary>On the span of the step that ended a prediction: seconds from its acceptance to its end.</summary>
    public const string Duration = "leyden.prediction.duration";

    /// <summary>On that span: seconds from the acceptance until the backend took the prediction.</summary>
    public const string QueueDuration = "leyden.prediction.queue.duration";

    /// <summary>On that span: seconds that the model ran.</summary>
    public const string RunDuration = "leyden.prediction.run.duration";

    /// <summary>Of what kind a fault is: a failure code, or the type of an exception.</summary>
    public const string ErrorType = "error.type";
}
