using Leyden.Predictions;
using Leyden.Telemetry;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Leyden.Orchestration;

/// <summary>
/// Starts the orchestrations of predictions and speaks to them. The record in the object store, not the engine, is the lock: a
/// second start finds the record where the first left it and repeats nothing that is billed.
/// </summary>
public sealed partial class PredictionScheduler(ILogger<PredictionScheduler> logger)
{
    /// <summary>Starts the orchestration of a new prediction.</summary>
    public async Task StartAsync(Prediction prediction, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var step = new PredictionStep(prediction.Owner, prediction.Id, StepKind.Submit, Trace: prediction.Trace);
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(PredictionOrchestrator),
                new PredictionWork(prediction.Deadline, step),
                new StartOrchestrationOptions(prediction.Id.Value),
                cancellationToken
            );
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A twin of this request was faster: each engine refuses with an exception of its own.
            if (await client.GetInstanceAsync(prediction.Id.Value, cancellationToken) is not { IsCompleted: false })
            {
                throw;
            }

            Log.StartedByTwin(logger, e, prediction.Id);
        }
    }

    /// <summary>Starts the orchestration of a prediction that has not ended, unless one is running.</summary>
    public async Task<bool> EnsureStartedAsync(
        Prediction prediction,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        if (prediction.Status.IsTerminal())
        {
            return false;
        }

        var instance = await client.GetInstanceAsync(prediction.Id.Value, cancellationToken);
        if (instance is { IsCompleted: false })
        {
            return false;
        }

        using var span = PredictionTracing.Start("prediction.restart", prediction.Id, prediction.Trace);
        Log.Restarting(logger, prediction.Id, instance?.RuntimeStatus.ToString() ?? "no orchestration");
        await StartAsync(prediction, client, cancellationToken);
        return true;
    }

    /// <summary>
    /// Tells the orchestration that its prediction is to be canceled. The record says so too, so an event that is lost only
    /// delays the cancel to the next step.
    /// </summary>
    public async Task CancelAsync(Prediction prediction, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (!await EnsureStartedAsync(prediction, client, cancellationToken))
        {
            await client.RaiseEventAsync(prediction.Id.Value, PredictionEvents.Cancel, cancellation: cancellationToken);
        }
    }

    /// <summary>Tells the orchestration that its backend may have something to tell. Harmless when there is none to be told.</summary>
    public async Task HintAsync(Prediction prediction, DurableTaskClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.RaiseEventAsync(
                prediction.Id.Value,
                PredictionEvents.Backend,
                cancellation: cancellationToken
            );
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Each engine refuses an instance that it does not have, or has no more, with an exception of its own.
            if (await client.GetInstanceAsync(prediction.Id.Value, cancellationToken) is { IsCompleted: false })
            {
                throw;
            }

            Log.NobodyToHint(logger, e, prediction.Id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The orchestration of prediction {Id} was started by another request")]
        public static partial void StartedByTwin(ILogger logger, Exception reason, PredictionId id);

        [LoggerMessage(2, LogLevel.Warning, "Starting the orchestration of prediction {Id} again; before: {Found}")]
        public static partial void Restarting(ILogger logger, PredictionId id, string found);

        [LoggerMessage(
            3,
            LogLevel.Information,
            "Prediction {Id} was reported by its backend, and no orchestration runs"
        )]
        public static partial void NobodyToHint(ILogger logger, Exception reason, PredictionId id);
    }
}
