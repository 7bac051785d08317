using Leyden.Batches;
using Leyden.Notifications;
using Leyden.Orchestration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions;

/// <summary>The activities of <see cref="LeydenServices.AddLeydenTasks"/>.</summary>
public sealed class ActivityTriggers(IServiceProvider services)
{
    /// <summary>Gives a prediction to its backend.</summary>
    [Function(nameof(SubmitPrediction))]
    public Task<StepResult> Submit([ActivityTrigger] PredictionStep input, string instanceId) =>
        RunAsync<SubmitPrediction, PredictionStep, StepResult>(input, instanceId);

    /// <summary>Looks how far a prediction is.</summary>
    [Function(nameof(ObservePrediction))]
    public Task<StepResult> Observe([ActivityTrigger] PredictionStep input, string instanceId) =>
        RunAsync<ObservePrediction, PredictionStep, StepResult>(input, instanceId);

    /// <summary>Runs a prediction at a backend that runs while we wait.</summary>
    [Function(nameof(ExecutePrediction))]
    public Task<StepResult> Execute([ActivityTrigger] PredictionStep input, string instanceId) =>
        RunAsync<ExecutePrediction, PredictionStep, StepResult>(input, instanceId);

    /// <summary>Ends a prediction.</summary>
    [Function(nameof(EndPrediction))]
    public Task<StepResult> End([ActivityTrigger] PredictionStep input, string instanceId) =>
        RunAsync<EndPrediction, PredictionStep, StepResult>(input, instanceId);

    /// <summary>Makes one attempt to deliver an event.</summary>
    [Function(nameof(DeliverEvent))]
    public Task<DeliveryPause> Deliver([ActivityTrigger] DeliveryWork input, string instanceId) =>
        RunAsync<DeliverEvent, DeliveryWork, DeliveryPause>(input, instanceId);

    /// <summary>Accepts the predictions of one chunk of a batch.</summary>
    [Function(nameof(AcceptBatchChunk))]
    public Task<AcceptedChunk> AcceptChunk([ActivityTrigger] ChunkWork input, string instanceId) =>
        RunAsync<AcceptBatchChunk, ChunkWork, AcceptedChunk>(input, instanceId);

    /// <summary>Collects the results of one chunk of a batch.</summary>
    [Function(nameof(CollectBatchChunk))]
    public Task<ChunkProgress> CollectChunk([ActivityTrigger] ChunkWork input, string instanceId) =>
        RunAsync<CollectBatchChunk, ChunkWork, ChunkProgress>(input, instanceId);

    /// <summary>Ends a batch.</summary>
    [Function(nameof(EndBatch))]
    public Task<string> EndOfBatch([ActivityTrigger] BatchEnd input, string instanceId) =>
        RunAsync<EndBatch, BatchEnd, string>(input, instanceId);

    private Task<TOutput> RunAsync<TActivity, TInput, TOutput>(TInput input, string instanceId)
        where TActivity : TaskActivity<TInput, TOutput> =>
        ActivatorUtilities
            .GetServiceOrCreateInstance<TActivity>(services)
            .RunAsync(new ActivityContext(typeof(TActivity).Name, instanceId), input);

    /// <summary>What the worker knows of an activity's call.</summary>
    private sealed class ActivityContext(TaskName name, string instanceId) : TaskActivityContext
    {
        public override TaskName Name => name;

        public override string InstanceId => instanceId;
    }
}
