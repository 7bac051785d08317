using Leyden.Predictions;

namespace Leyden.Notifications;

/// <summary>
/// Notes that something happened, for everybody who is to be told. Whoever notes it then starts the couriers that this gives: an
/// orchestrator as its children, anybody else by <see cref="DeliveryScheduler"/>. A prediction that nobody wants to hear of costs nothing.
/// </summary>
public sealed class Outbox(DeliveryTargets targets, DeliveryLogs logs, DeliverySchedule schedule, TimeProvider time)
{
    /// <summary>
    /// Notes an event. A repeat notes nothing twice, and names a new courier wherever the one that was named before has not begun.
    /// </summary>
    /// <returns>The couriers to start.</returns>
    public async Task<IReadOnlyList<DeliveryWork>> AppendAsync(
        Prediction prediction,
        PredictionEvent happened,
        CancellationToken cancellationToken
    )
    {
        var couriers = new List<DeliveryWork>();
        foreach (var target in targets.For(prediction, happened))
        {
            if (await AppendAsync(prediction, happened, target, cancellationToken) is { } courier)
            {
                couriers.Add(courier);
            }
        }

        return couriers;
    }

    private async Task<DeliveryWork?> AppendAsync(
        Prediction prediction,
        PredictionEvent happened,
        DeliveryTarget target,
        CancellationToken cancellationToken
    )
    {
        var entry = new DeliveryEntry
        {
            Event = happened,
            MessageId = PredictionEventWords.MessageId(prediction.Id, happened),
            At = PredictionEventWords.MomentIn(prediction, happened),
            NextAttempt = schedule.First(time.GetUtcNow()),
        };
        int? named = null;
        await logs.ChangeAsync(
            prediction.Owner,
            prediction.Id,
            target.Name,
            log =>
            {
                var before = log ?? Empty(target);
                var changed = before.Append(entry);
                named = changed?.Courier > before.Courier ? changed.Courier : null;
                return changed;
            },
            known: null,
            cancellationToken
        );
        return named is { } courier ? new DeliveryWork(prediction.Owner, prediction.Id, target.Name, courier) : null;
    }

    private static DeliveryLog Empty(DeliveryTarget target) =>
        new()
        {
            Target = target.Name,
            Kind = target.Kind,
            Address = target.ShownAddress,
        };
}
