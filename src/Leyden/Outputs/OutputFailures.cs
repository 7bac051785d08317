using Leyden.Predictions;

namespace Leyden.Outputs;

/// <summary>Why an output is not in the object store. No message has more of its URL than the host: query strings carry secrets.</summary>
internal static class OutputFailures
{
    public static FetchOutcome.Unavailable Unavailable(string reason) => new(Failure(reason));

    public static FetchOutcome.Refused Refused(string reason) => new(Failure(reason));

    public static FetchOutcome.Refused TooLarge(long maxBytes) =>
        Refused($"it has more than {maxBytes} bytes ({OutputOptions.Section}:MaxBytes)");

    // The model ran and was billed: asking again would bill a second run.
    private static PredictionFailure Failure(string reason) =>
        new(
            FailureCodes.OutputUnavailable,
            Retryable: false,
            $"The model ran, but its output can not be kept: {reason}."
        );
}
