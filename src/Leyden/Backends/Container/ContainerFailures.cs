using Leyden.Predictions;

namespace Leyden.Backends.Container;

/// <summary>The failures that the container's answers can be.</summary>
internal static class ContainerFailures
{
    /// <summary>An answer that no container gives to what it was asked.</summary>
    public static PredictionFailure Refused(int status) =>
        new(
            FailureCodes.BackendRejected,
            Retryable: false,
            status switch
            {
                401 or 403 =>
                    $"The container's door does not let this deployment in: it answered {status}. Check {ContainerOptions.Section}:Audience, "
                        + "and whom the door admits. Nothing was run.",
                404 =>
                    $"There is no container at {ContainerOptions.Section}:BaseUrl, or its ingress does not serve this network: it answered 404.",
                < 400 =>
                    $"The container answered with a redirect ({status}). Set {ContainerOptions.Section}:BaseUrl to where it leads.",
                _ => $"The container refused the run with status {status}.",
            }
        );

    /// <summary>The request was sent, and its result is lost.</summary>
    public static PredictionFailure Lost(string reason) =>
        new(
            FailureCodes.BackendUnavailable,
            Retryable: true,
            $"The container was asked to run the prediction, but {reason}: its result is lost."
        );

    /// <summary>Nothing was sent.</summary>
    public static PredictionFailure NotSent(string reason) =>
        new(
            FailureCodes.BackendUnavailable,
            Retryable: true,
            $"The container could not be reached: {reason}. Nothing was run."
        );

    /// <summary>Nothing was sent for want of a token.</summary>
    public static PredictionFailure NoToken(string reason) =>
        new(
            FailureCodes.BackendUnavailable,
            Retryable: true,
            $"There is no token for the container's door: {reason} ({ContainerOptions.Section}:Audience). Nothing was run."
        );

    /// <summary>The run took too long.</summary>
    public static PredictionFailure TooLong(TimeSpan limit) =>
        new(
            FailureCodes.BackendFailed,
            Retryable: false,
            $"The run took longer than {limit.TotalSeconds:0.#} s ({ContainerOptions.Section}:RunTimeout) and was given up. "
                + "Ask for fewer pictures, steps or pixels."
        );

    /// <summary>The model failed.</summary>
    public static PredictionFailure Model(string? error) =>
        SafetyFailures.AreToldBy(error)
            ? SafetyFailures.Create(error)
            : new PredictionFailure(
                FailureCodes.BackendFailed,
                Retryable: false,
                "The model failed in the container.",
                error
            );

    /// <summary>The answer is none of a run.</summary>
    public static PredictionFailure Unreadable(string reason) =>
        new(
            FailureCodes.BackendFailed,
            Retryable: false,
            $"The container ran the prediction, but its answer can not be read: {reason}."
        );

    /// <summary>There is no picture, and no word of the safety checker.</summary>
    public static PredictionFailure NoOutput() =>
        new(FailureCodes.OutputUnavailable, Retryable: false, "The container reports success, but gave no output.");
}
