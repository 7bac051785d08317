using Leyden.Backends;
using Leyden.Orchestration;
using Leyden.Storage;
using Leyden.Telemetry;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Leyden.Predictions;

/// <summary>
/// What callers can do with predictions, whatever the dialect. The durable client is an argument, since the Functions host gives
/// it to each invocation.
/// </summary>
public sealed class PredictionService(
    PredictionStore store,
    IObjectStore objects,
    PredictionAdmission admission,
    BackendLedger ledger,
    PredictionScheduler scheduler,
    LeydenMetrics metrics,
    TimeProvider time,
    Random random,
    ILogger<PredictionService> logger
)
{
    /// <summary>Finds every fault of a wish without accepting it; empty when there is none.</summary>
    public IReadOnlyList<InputError> Check(PredictionRequest request)
    {
        admission.TryAdmit(request, out _, out var errors);
        return errors;
    }

    /// <summary>Accepts a prediction and starts its orchestration.</summary>
    public async Task<CreateOutcome> CreateAsync(
        PredictionRequest request,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        if (!admission.TryAdmit(request, out var draft, out var errors))
        {
            return new CreateOutcome.Invalid(errors);
        }

        var now = time.GetUtcNow();
        var prediction = draft.Accept(request.Owner, PredictionId.New(now, random), now);

        if (request.IdempotencyKey is null)
        {
            return await StartAsync(prediction, request.Webhook?.Secret, client, cancellationToken);
        }

        var lockKey = PredictionKeys.IdempotencyLock(request.Owner, request.IdempotencyKey);
        var locked = await objects.PutFirstJsonAsync<IdempotencyLock>(
            lockKey,
            new(prediction.Id, request.Digest()),
            cancellationToken
        );
        if (locked.RequestDigest != request.Digest())
        {
            return new CreateOutcome.KeyReused();
        }

        // Without a record the first request was cut short in between, or is there right now: both start the same id.
        return
            locked.PredictionId != prediction.Id
            && await store.FindAsync(request.Owner, locked.PredictionId, cancellationToken) is { } earlier
            ? await RepeatAsync(earlier, client, cancellationToken)
            : await StartAsync(
                prediction with
                {
                    Id = locked.PredictionId,
                    IdempotencyLock = lockKey,
                },
                request.Webhook?.Secret,
                client,
                cancellationToken
            );
    }

    /// <summary>Reads a prediction.</summary>
    /// <returns>The prediction; null when this owner has none of that id.</returns>
    public Task<Prediction?> FindAsync(Owner owner, PredictionId id, CancellationToken cancellationToken) =>
        store.FindAsync(owner, id, cancellationToken);

    /// <summary>How many predictions are called before this one; null when it does not wait for its backend.</summary>
    public async Task<int?> AheadAsync(Prediction prediction, CancellationToken cancellationToken) =>
        prediction.Status == PredictionStatus.Queued
            ? (await ledger.ReadAsync(prediction.Backend, cancellationToken)).Ahead(prediction.Id.Value)
            : null;

    /// <summary>Asks to cancel a prediction. It ends soon after, as canceled unless it had finished before.</summary>
    /// <returns>The prediction as it is now; null when this owner has none of that id.</returns>
    public async Task<Prediction?> CancelAsync(
        Owner owner,
        PredictionId id,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var prediction = await store.ChangeAsync(
            owner,
            id,
            p => p.CancelRequestedAt is null ? p with { CancelRequestedAt = now } : null,
            cancellationToken
        );
        if (prediction is not null && !prediction.Status.IsTerminal())
        {
            await scheduler.CancelAsync(prediction, client, cancellationToken);
        }

        return prediction;
    }

    /// <summary>Deletes a prediction that has ended, with its pictures.</summary>
    /// <returns>Whether it is gone; false when it has not ended; null when this owner has none of that id.</returns>
    public async Task<bool?> DeleteAsync(Owner owner, PredictionId id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(owner, id, cancellationToken) is not { } prediction)
        {
            return null;
        }

        if (!prediction.Status.IsTerminal())
        {
            return false;
        }

        await store.DeleteAsync(prediction, cancellationToken);
        return true;
    }

    private async Task<CreateOutcome> StartAsync(
        Prediction prediction,
        string? webhookSecret,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        using var scope = PredictionScope.Begin(logger, prediction.Id);
        using var span = PredictionTracing.Start("prediction.accept", prediction.Id, trace: null);
        span?.SetTag(TelemetryTags.Backend, prediction.Backend);
        prediction = prediction with { Trace = TraceReference.Of(span) };
        if (await store.AddAsync(prediction, cancellationToken, webhookSecret))
        {
            metrics.Accepted(prediction);
            await scheduler.StartAsync(prediction, client, cancellationToken);
            return new CreateOutcome.Created(prediction, IsRepeat: false);
        }

        var earlier = await store.FindAsync(prediction.Owner, prediction.Id, cancellationToken);
        if (earlier is null)
        {
            throw new ContentionException($"Prediction {prediction.Id} was deleted while it was asked for again.");
        }

        return await RepeatAsync(earlier, client, cancellationToken);
    }

    private async Task<CreateOutcome> RepeatAsync(
        Prediction earlier,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        await scheduler.EnsureStartedAsync(earlier, client, cancellationToken);
        return new CreateOutcome.Created(earlier, IsRepeat: true);
    }

    private sealed record IdempotencyLock(PredictionId PredictionId, string RequestDigest);
}
