using Leyden.Predictions;

namespace Leyden.Backends.Container;

/// <summary>What the container's answer to a question for its health means.</summary>
internal static class ContainerReadiness
{
    public static async Task<Readiness> MapAsync(CogAnswer answer, CancellationToken cancellationToken) =>
        answer switch
        {
            CogAnswer.Lost { WasSent: false } lost => new Readiness.Unreachable(
                new PredictionFailure(
                    FailureCodes.BackendUnavailable,
                    Retryable: true,
                    $"The container could not be reached: {lost.Reason} ({ContainerOptions.Section}:BaseUrl). Nothing was run."
                )
            ),
            CogAnswer.NoToken none => new Readiness.Unreachable(ContainerFailures.NoToken(none.Reason)),
            CogAnswer.Lost lost => new Readiness.Warming(lost.Reason),
            // While an app starts from nothing its ingress holds requests back.
            CogAnswer.TimedOut timedOut => new Readiness.Warming(
                $"no answer within {timedOut.Limit.TotalSeconds:0.#} s"
            ),
            CogAnswer.Received { Status: >= 200 and < 300 } received => Map(
                CogJson.ReadHealth(await CogClient.ReadSmallAsync(received.Content, cancellationToken))
            ),
            CogAnswer.Received { Status: 408 or 429 or >= 500 } received => new Readiness.Warming(
                $"it answered {received.Status}"
            ),
            CogAnswer.Received received => new Readiness.Broken(ContainerFailures.Refused(received.Status)),
            _ => throw new InvalidOperationException("A request has an outcome that the mapper does not know."),
        };

    private static Readiness Map(CogHealth? health) =>
        health?.Status switch
        {
            "READY" => Readiness.Ready.Instance,
            "BUSY" => new Readiness.Busy(),
            "SETUP_FAILED" => new Readiness.Broken(
                Broken("The model's setup failed in the container (SETUP_FAILED).", health)
            ),
            "DEFUNCT" => new Readiness.Broken(Broken("The container has broken down (DEFUNCT): restart it.", health)),
            "UNHEALTHY" => new Readiness.Warming(
                ErrorText.Clean(health.UserHealthcheckError) ?? "its own health check failed (UNHEALTHY)"
            ),
            null => new Readiness.Broken(
                new PredictionFailure(
                    FailureCodes.BackendUnavailable,
                    Retryable: true,
                    $"What answers at {ContainerOptions.Section}:BaseUrl is no Cog container: its /health-check has no status."
                )
            ),
            var other => new Readiness.Warming(InputError.Shorten(other)),
        };

    private static PredictionFailure Broken(string message, CogHealth health) =>
        new(FailureCodes.BackendUnavailable, Retryable: true, message, ErrorText.CleanLog(health.Setup?.Logs));
}
