using Leyden.Batches;
using Leyden.Notifications;
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

    /// <summary>Delivers the events of a prediction to one target.</summary>
    [Function(nameof(DeliveryOrchestrator))]
    public static Task<string?> LeadDelivery(
        [OrchestrationTrigger] TaskOrchestrationContext context,
        DeliveryWork input
    ) => new DeliveryOrchestrator().RunAsync(context, input);

    /// <summary>Leads a batch to its end.</summary>
    [Function(nameof(BatchOrchestrator))]
    public static Task<string> LeadBatch([OrchestrationTrigger] TaskOrchestrationContext context, BatchWork input) =>
        new BatchOrchestrator().RunAsync(context, input);

    /// <summary>Works on one chunk of a batch after another.</summary>
    [Function(nameof(BatchLaneOrchestrator))]
    public static Task<object?> LeadBatchLane(
        [OrchestrationTrigger] TaskOrchestrationContext context,
        LaneWork input
    ) => new BatchLaneOrchestrator().RunAsync(context, input);
}
