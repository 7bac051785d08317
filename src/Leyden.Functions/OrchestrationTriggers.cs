using Leyden.Orchestration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Leyden.Functions;

/// <summary>The orchestrators of <see cref="LeydenServices.AddLeydenTasks"/>.</summary>
public static class OrchestrationTriggers
{
    /// <summary>Leads a prediction to its end.</summary>
    [Function(nameof(PredictionOrchestrator))]
    public static Task<string?> LeadPrediction(
        [OrchestrationTrigger] TaskOrchestrationContext context,
        PredictionWork input
    ) => new PredictionOrchestrator().RunAsync(context, input);
}
