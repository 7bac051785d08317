using Leyden.Telemetry;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>A step of a prediction in a span of its own, as every activity takes it.</summary>
internal static class TracedStep
{
    /// <summary>Takes a step.</summary>
    /// <param name="name">The span's name.</param>
    /// <param name="step">The step.</param>
    /// <param name="time">Measures the rest of a wait that a timer cut short.</param>
    /// <param name="logger">Any logger: the prediction's scope holds for all.</param>
    /// <param name="take">What the step does.</param>
    public static Task<StepResult> RunAsync(
        string name,
        PredictionStep step,
        TimeProvider time,
        ILogger logger,
        Func<Task<StepResult>> take
    ) =>
        PredictionTracing.RunAsync(
            name,
            step.Id,
            step.Trace,
            logger,
            async span =>
            {
                span?.SetTag(TelemetryTags.Attempt, 1 + step.Looks + step.EndLooks + step.Faults + step.Missing);
                await RestAsync(step, time);
                var result = await take();
                span?.SetTag(TelemetryTags.Outcome, result.Phase);
                return result;
            }
        );

    private static async Task RestAsync(PredictionStep step, TimeProvider time)
    {
        var rest = step.NotBefore - time.GetUtcNow();
        if (rest > TimeSpan.Zero)
        {
            // Bounded, since clocks of machines differ.
            rest = rest < PredictionStep.LongestRest ? rest : PredictionStep.LongestRest;
            await Task.Delay(rest.Value, time, CancellationToken.None);
        }
    }
}
