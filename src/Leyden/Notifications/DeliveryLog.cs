namespace Leyden.Notifications;

/// <summary>
/// What one target was told, is told and will be told of one prediction, in order: outbox and log in one document, changed by
/// compare-and-swap only. Its changes are pure functions.
/// </summary>
public sealed record DeliveryLog
{
    /// <summary>The target's name.</summary>
    public required string Target { get; init; }

    /// <summary>How it is told.</summary>
    public required ChannelKind Kind { get; init; }

    /// <summary>Where it is told, fit to be shown: a URL without its query string, or a queue's name.</summary>
    public required string Address { get; init; }

    /// <summary>Whether the target is served.</summary>
    public TargetState State { get; init; }

    /// <summary>The number of the courier that was named last. No number is given twice.</summary>
    public int Courier { get; init; }

    /// <summary>Whether somebody is at work.</summary>
    public CourierState Charge { get; init; }

    /// <summary>
    /// The number of the courier that took charge last: whoever of those named came first. By it the others see that they are not in charge.
    /// </summary>
    public int InCharge { get; init; }

    /// <summary>The events in the order in which they happened.</summary>
    public IReadOnlyList<DeliveryEntry> Entries { get; init; } = [];

    /// <summary>The event to deliver next; later ones wait for it. Null when nothing is pending.</summary>
    public DeliveryEntry? Pending => Entries.FirstOrDefault(entry => entry.State == DeliveryState.Pending);

    /// <summary>Puts an event in, once.</summary>
    /// <param name="entry">The event, pending.</param>
    /// <returns>The log with the event, and with a courier named when one is needed; null when the log stays as it is.</returns>
    public DeliveryLog? Append(DeliveryEntry entry)
    {
        var isThere = Entries.Any(known => known.MessageId == entry.MessageId);
        var state = State switch
        {
            TargetState.Parked => DeliveryState.Parked,
            TargetState.Gone => DeliveryState.Gone,
            _ => DeliveryState.Pending,
        };
        var appended = isThere ? this : this with { Entries = [.. Entries, entry with { State = state }] };
        // A courier that was named and has not arrived may never have been started: whoever named it was cut short. A new one is named.
        // Only one of the two may ever be started (an activity that ran twice has one result), and nobody knows which.
        return appended.Pending is not null && Charge != CourierState.Arrived ? appended.NameCourier()
            : isThere ? null
            : appended;
    }

    /// <summary>Lets a courier begin, before it sends anything: the first that comes takes charge.</summary>
    /// <returns>The log with the courier in charge; null when another is, or nothing is left to do.</returns>
    public DeliveryLog? Claim(int courier) =>
        Charge == CourierState.Named ? this with { Charge = CourierState.Arrived, InCharge = courier } : null;

    /// <summary>Whether a courier is the one at work.</summary>
    public bool IsInCharge(int courier) => InCharge == courier && Charge == CourierState.Arrived;

    /// <summary>Writes down an attempt and what follows from it.</summary>
    /// <returns>The log; null when the courier is not in charge any more, so that its attempt does not count.</returns>
    public DeliveryLog? Record(int courier, string messageId, DeliveryAttempt attempt, DeliveryVerdict verdict) =>
        IsInCharge(courier)
            ? Settle(
                this with
                {
                    Entries =
                    [
                        .. Entries.Select(entry =>
                            entry.MessageId == messageId ? entry.After(attempt, verdict) : entry
                        ),
                    ],
                },
                verdict
            )
            : null;

    /// <summary>Parks everything that is pending without an attempt.</summary>
    /// <returns>The log; null when the courier is not in charge any more.</returns>
    public DeliveryLog? Park(int courier) => IsInCharge(courier) ? Settle(this, new DeliveryVerdict.Park()) : null;

    /// <summary>Makes events pending again, from the beginning of the schedule, with a new courier.</summary>
    /// <param name="only">The one event to tell again; null for all that were not delivered or, if all were, the last.</param>
    /// <param name="now">When to attempt it.</param>
    /// <returns>The log; null when there is no such event.</returns>
    public DeliveryLog? Redeliver(PredictionEvent? only, DateTimeOffset now)
    {
        var undelivered = Entries.Where(entry => entry.State != DeliveryState.Delivered).ToList();
        var chosen =
            only is not null ? Entries.Where(entry => entry.Event == only).ToList()
            : undelivered.Count > 0 ? undelivered
            : [.. Entries.TakeLast(1)];
        return chosen.Count == 0
            ? null
            : (
                this with
                {
                    State = TargetState.Active,
                    Entries = [.. Entries.Select(entry => chosen.Contains(entry) ? entry.Again(now) : entry)],
                }
            ).NameCourier();
    }

    private static DeliveryLog Settle(DeliveryLog log, DeliveryVerdict verdict)
    {
        var (target, rest) = verdict switch
        {
            DeliveryVerdict.Park => (TargetState.Parked, DeliveryState.Parked),
            DeliveryVerdict.Gone => (TargetState.Gone, DeliveryState.Gone),
            _ => (log.State, DeliveryState.Pending),
        };
        var settled = log with
        {
            State = target,
            Entries =
            [
                .. log.Entries.Select(entry =>
                    entry.State == DeliveryState.Pending && rest != DeliveryState.Pending
                        ? entry with
                        {
                            State = rest,
                            NextAttempt = null,
                        }
                        : entry
                ),
            ],
        };
        // In the same write: an event that is appended a moment later finds nobody in charge and names a courier.
        return settled.Pending is null ? settled with { Charge = CourierState.None } : settled;
    }

    private DeliveryLog NameCourier() => this with { Courier = Courier + 1, Charge = CourierState.Named };
}

/// <summary>Whether a target is served.</summary>
public enum TargetState
{
    /// <summary>Events are delivered.</summary>
    Active,

    /// <summary>It did not answer for as long as the schedule lasts; events are kept until somebody asks for redelivery.</summary>
    Parked,

    /// <summary>It answered that it wants no more (410).</summary>
    Gone,
}

/// <summary>Whether somebody is at work on a log.</summary>
public enum CourierState
{
    /// <summary>Nobody: nothing is pending.</summary>
    None,

    /// <summary>A courier is named and has not begun.</summary>
    Named,

    /// <summary>The courier is at work, and also delivers what is appended meanwhile.</summary>
    Arrived,
}
