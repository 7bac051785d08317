using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.DurableTask;

namespace Leyden.Batches;

/// <summary>
/// Leads a batch to its end: a few lanes, each of which works on one chunk after another, then the end. The number of lanes bounds what
/// is under way, and neither this history nor that of a lane grows with the batch.
/// </summary>
public sealed class BatchOrchestrator : TaskOrchestrator<BatchWork, string>
{
    /// <inheritdoc/>
    public override async Task<string> RunAsync(TaskOrchestrationContext context, BatchWork input)
    {
        var cancel = context.WaitForExternalEvent<string?>(BatchEvents.Cancel);
        // Names of this execution alone: lanes of one that was terminated may still run, and must not stand in the way.
        var names = Enumerable
            .Range(0, Math.Min(input.Lanes, input.Chunks))
            .Select(_ => $"{input.Id}-{context.NewGuid():N}")
            .ToArray();
        var lanes = Task.WhenAll(
            names.Select(
                (name, lane) =>
                    context.CallSubOrchestratorAsync(
                        nameof(BatchLaneOrchestrator),
                        new LaneWork(input.Owner, input.Id, Chunk: lane, Stride: names.Length, input.Chunks),
                        new SubOrchestrationOptions(instanceId: name)
                    )
            )
        );
        if (await Task.WhenAny(lanes, cancel) == cancel)
        {
            foreach (var name in names)
            {
                context.SendEvent(name, BatchEvents.Cancel, input.Id.Value);
            }
        }

        var isFault = false;
        try
        {
            await lanes;
        }
        catch (TaskFailedException)
        {
            isFault = true;
        }

        return await context.CallActivityAsync<string>(
            nameof(EndBatch),
            new BatchEnd(input.Owner, input.Id, isFault),
            ActivityRetries.Patient
        );
    }
}

/// <summary>What a batch's orchestration is given.</summary>
/// <param name="Owner">Whose batch.</param>
/// <param name="Id">Which.</param>
/// <param name="Chunks">How many chunks it has.</param>
/// <param name="Lanes">How many of them may be under way at once.</param>
public sealed record BatchWork(Owner Owner, BatchId Id, int Chunks, int Lanes);

/// <summary>The events of a batch's orchestrations.</summary>
public static class BatchEvents
{
    /// <summary>The caller asked to cancel; the record says so too.</summary>
    public const string Cancel = "cancel";
}
