using Leyden.Backends;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Telemetry;

namespace Leyden.Orchestration;

/// <summary>
/// Brings a prediction to its end: the record first, which is what callers see, then what hangs on it (the place at the backend,
/// the marker for healing). Each part is harmless when repeated, so a step that was cut short between them is repeated whole.
/// </summary>
public sealed class PredictionEnding(
    PredictionStore store,
    BackendDirectory backends,
    BackendLedger ledger,
    Outbox outbox,
    LeydenMetrics metrics,
    TimeProvider time
)
{
    /// <summary>Writes the end into the record and settles what hangs on it.</summary>
    /// <param name="prediction">As it was read.</param>
    /// <param name="end">A pure function to the record at its end; not called when it has ended already.</param>
    /// <param name="run">What the run teaches; null when it did not finish.</param>
    /// <param name="cancellationToken">Stops; repeat the step.</param>
    public async Task<StepResult> EndAsync(
        Prediction prediction,
        Func<Prediction, Prediction> end,
        RunSample? run,
        CancellationToken cancellationToken
    ) => await SettleAsync(await WriteEndAsync(prediction, end, cancellationToken), run, cancellationToken);

    /// <summary>Ends a prediction as failed.</summary>
    public Task<StepResult> FailAsync(
        Prediction prediction,
        PredictionFailure failure,
        CancellationToken cancellationToken
    ) => EndAsync(prediction, p => Failed(p, failure), null, cancellationToken);

    /// <summary>Writes a failure into the record and leaves it to be settled: <see cref="SettleOpenAsync"/>.</summary>
    public Task<Prediction> WriteFailureAsync(
        Prediction prediction,
        PredictionFailure failure,
        CancellationToken cancellationToken
    ) => WriteEndAsync(prediction, p => Failed(p, failure), cancellationToken);

    /// <summary>Settles what hangs on a record that has ended. The caller starts the couriers that this gives.</summary>
    public async Task<StepResult> SettleAsync(Prediction ended, RunSample? run, CancellationToken cancellationToken)
    {
        var result = await SettleOpenAsync(ended, run, cancellationToken);
        await store.CloseAsync(ended.Owner, ended.Id, cancellationToken);
        return result;
    }

    /// <summary>
    /// As <see cref="SettleAsync"/>, but the record stays marked as open: for callers that are not repeated by an engine and close it
    /// when they have started the couriers.
    /// </summary>
    public async Task<StepResult> SettleOpenAsync(Prediction ended, RunSample? run, CancellationToken cancellationToken)
    {
        var wake = backends.Find(ended.Backend) is { } backend
            ? await ledger.LeaveAsync(backend, ended, run, cancellationToken)
            : [];
        var couriers = await outbox.AppendAsync(ended, PredictionEventWords.EndOf(ended), cancellationToken);
        return StepResult.Ended(wake).With(couriers);
    }

    private async Task<Prediction> WriteEndAsync(
        Prediction prediction,
        Func<Prediction, Prediction> end,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        Prediction? written = null;
        var ended = await store.ChangeAsync(
            prediction,
            current => written = end(current) with { CompletedAt = now, Storing = false },
            cancellationToken
        );
        // By whoever won the write alone; a write whose answer was lost is told by its time.
        if (written is not null && ended?.CompletedAt == now)
        {
            metrics.Ended(ended);
            PredictionTracing.NoteEnd(ended);
        }

        return ended ?? prediction;
    }

    private static Prediction Failed(Prediction prediction, PredictionFailure failure) =>
        prediction with
        {
            Status = PredictionStatus.Failed,
            Failure = failure,
        };
}
