namespace Leyden.Predictions;

/// <summary>Why a prediction failed, fit for the caller to read.</summary>
/// <param name="Code">A stable word out of <see cref="FailureCodes"/>.</param>
/// <param name="Retryable">Whether asking for the same prediction again is safe (bills nothing twice) and may succeed.</param>
/// <param name="Message">One or two sentences: what happened, and what to do.</param>
/// <param name="Detail">The backend's own words, truncated and without secrets; null when it gave none.</param>
public sealed record PredictionFailure(string Code, bool Retryable, string Message, string? Detail = null);

/// <summary>The stable failure codes. A caller may branch on them, so none changes its meaning.</summary>
public static class FailureCodes
{
    /// <summary>The backend found fault with the input.</summary>
    public const string InvalidInput = "invalid_input";

    /// <summary>The backend refused the prediction for another reason (key, payment, unknown model).</summary>
    public const string BackendRejected = "backend_rejected";

    /// <summary>The backend could not be reached or answered with errors for as long as we may wait.</summary>
    public const string BackendUnavailable = "backend_unavailable";

    /// <summary>The backend ran the model and the model failed.</summary>
    public const string BackendFailed = "backend_failed";

    /// <summary>The backend no longer knows the prediction that it accepted.</summary>
    public const string BackendLost = "backend_lost";

    /// <summary>The submission was interrupted before its answer was recorded: it may or may not run, and may be billed.</summary>
    public const string SubmissionUnknown = "submission_unknown";

    /// <summary>The deadline passed.</summary>
    public const string DeadlineExceeded = "deadline_exceeded";

    /// <summary>The safety checker dropped every picture.</summary>
    public const string Nsfw = "nsfw";

    /// <summary>The model ran, but its output could not be fetched or is not a picture.</summary>
    public const string OutputUnavailable = "output_unavailable";

    /// <summary>The record was deleted before its outcome was collected for a batch.</summary>
    public const string Deleted = "deleted";

    /// <summary>A fault of this program.</summary>
    public const string Internal = "internal_error";
}
