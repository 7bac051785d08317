using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>Why a prediction could not be given to its backend, where no backend said so.</summary>
internal static class SubmissionFailures
{
    /// <summary>The backend is gone from the configuration.</summary>
    public static PredictionFailure NotConfigured(string backend) =>
        new(
            FailureCodes.BackendUnavailable,
            Retryable: true,
            $"The backend {backend} that this prediction was accepted for is not configured any more."
        );

    /// <summary>The mark of a submission is there, and its answer is not.</summary>
    public static PredictionFailure Interrupted(IBackend backend) =>
        new(
            FailureCodes.SubmissionUnknown,
            Retryable: false,
            $"The submission to {backend.Name} was interrupted before its answer was recorded: it may run and be billed. "
                + "Check there before asking again."
        );
}
