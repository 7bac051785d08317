using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.DurableTask;

namespace Leyden.Batches;

/// <summary>
/// Works on every so many chunks of a batch, one after another: accepts the chunk's predictions, lets them run as orchestrations of their
/// own, and collects their results when all have ended. Each chunk starts a new history.
/// </summary>
/// <remarks>
/// The records decide whether a prediction has ended, not the sub-orchestrations: the sweeper or a cancel may have started the same
/// prediction first, and engines differ in what becomes of a second start. So the lane also looks now and then by itself.
/// </remarks>
public sealed class BatchLaneOrchestrator : TaskOrchestrator<LaneWork, object?>
{
    private const int LooksPerGeneration = 20;
    private static readonly TimeSpan RunningLook = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StrayLook = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override async Task<object?> RunAsync(TaskOrchestrationContext context, LaneWork input)
    {
        var cancel = context.WaitForExternalEvent<string?>(BatchEvents.Cancel);
        var chunk = new ChunkWork(input.Owner, input.Id, input.Chunk);
        var runs = Task.CompletedTask;
        if (!input.IsStarted)
        {
            var accepted = await context.CallActivityAsync<AcceptedChunk>(
                nameof(AcceptBatchChunk),
                chunk,
                ActivityRetries.Patient
            );
            if (accepted.Stop)
            {
                return null;
            }

            runs = Task.WhenAll(accepted.Predictions.Select(p => RunAsync(context, p)));
            await Task.WhenAny(runs, cancel, LookTimer(context, RunningLook, out var timer));
            CancelNow(timer);
        }

        for (var look = 1; !await CollectAsync(context, chunk); look++)
        {
            if (look == LooksPerGeneration)
            {
                context.ContinueAsNew(input with { IsStarted = true });
                return null;
            }

            // A cancel that was seen is on its way to the predictions: from then on only their ends count.
            var interval = runs.IsCompleted ? StrayLook : RunningLook;
            List<Task> waits = [LookTimer(context, interval, out var timer)];
            waits.AddRange(new[] { runs, cancel }.Where(task => !task.IsCompleted));
            await Task.WhenAny(waits);
            CancelNow(timer);
        }

        if (input.Chunk + input.Stride < input.Chunks)
        {
            context.ContinueAsNew(input with { Chunk = input.Chunk + input.Stride, IsStarted = false });
        }

        return null;
    }

    private static async Task RunAsync(TaskOrchestrationContext context, PredictionWork work)
    {
        try
        {
            await context.CallSubOrchestratorAsync<string?>(
                nameof(PredictionOrchestrator),
                work,
                new SubOrchestrationOptions(instanceId: work.Step.Id.Value)
            );
        }
        catch (TaskFailedException)
        {
            // Started by somebody else, or terminated: its record tells what becomes of it, and the sweeper heals it.
        }
    }

    private static async Task<bool> CollectAsync(TaskOrchestrationContext context, ChunkWork chunk)
    {
        var progress = await context.CallActivityAsync<ChunkProgress>(
            nameof(CollectBatchChunk),
            chunk,
            ActivityRetries.Patient
        );
        foreach (var id in progress.Cancel)
        {
            context.SendEvent(id.Value, PredictionEvents.Cancel, context.InstanceId);
        }

        return progress.IsCollected;
    }

    private static Task LookTimer(TaskOrchestrationContext context, TimeSpan after, out CancellationTokenSource timer)
    {
        timer = new CancellationTokenSource();
        return context.CreateTimer(context.CurrentUtcDateTime + after, timer.Token);
    }

    // CancelAsync would continue on a thread of the pool, where an orchestrator never comes back from.
    private static void CancelNow(CancellationTokenSource source)
    {
        source.Cancel();
        source.Dispose();
    }
}

/// <summary>What a lane is given.</summary>
/// <param name="Owner">Whose batch.</param>
/// <param name="Id">Which.</param>
/// <param name="Chunk">The chunk to work on now.</param>
/// <param name="Stride">How far it is to the lane's next chunk.</param>
/// <param name="Chunks">How many chunks the batch has.</param>
/// <param name="IsStarted">Whether the chunk's predictions were started before, and only their ends are waited for.</param>
public sealed record LaneWork(Owner Owner, BatchId Id, int Chunk, int Stride, int Chunks, bool IsStarted = false);
