namespace Leyden.Notifications;

/// <summary>One event for one target, and how its delivery went.</summary>
public sealed record DeliveryEntry
{
    /// <summary>The most attempts that are kept; <see cref="AttemptCount"/> counts all.</summary>
    public const int MaxAttempts = 12;

    /// <summary>What happened.</summary>
    public required PredictionEvent Event { get; init; }

    /// <summary>The constant <c>webhook-id</c>.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Where its delivery stands.</summary>
    public DeliveryState State { get; init; }

    /// <summary>Not before when the next attempt is made; null when none is to be.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>How many attempts have failed since the schedule began.</summary>
    public int Failures { get; init; }

    /// <summary>How many attempts were made.</summary>
    public int AttemptCount { get; init; }

    /// <summary>The last attempts, oldest first.</summary>
    public IReadOnlyList<DeliveryAttempt> Attempts { get; init; } = [];

    /// <summary>The same event after an attempt.</summary>
    public DeliveryEntry After(DeliveryAttempt attempt, DeliveryVerdict verdict) =>
        this with
        {
            State = verdict switch
            {
                DeliveryVerdict.Delivered => DeliveryState.Delivered,
                DeliveryVerdict.Gone => DeliveryState.Gone,
                DeliveryVerdict.Park => DeliveryState.Parked,
                _ => DeliveryState.Pending,
            },
            NextAttempt = (verdict as DeliveryVerdict.Repeat)?.At,
            Failures = verdict is DeliveryVerdict.Delivered ? Failures : Failures + 1,
            AttemptCount = AttemptCount + 1,
            Attempts = [.. Attempts.TakeLast(MaxAttempts - 1), attempt],
        };

    /// <summary>The same event to be told again.</summary>
    public DeliveryEntry Again(DateTimeOffset now) =>
        this with
        {
            State = DeliveryState.Pending,
            NextAttempt = now,
            Failures = 0,
        };
}

/// <summary>Where the delivery of an event stands.</summary>
public enum DeliveryState
{
    /// <summary>It is to be delivered.</summary>
    Pending,

    /// <summary>The target took it.</summary>
    Delivered,

    /// <summary>Kept, not delivered: see <see cref="TargetState.Parked"/>.</summary>
    Parked,

    /// <summary>Not delivered: see <see cref="TargetState.Gone"/>.</summary>
    Gone,
}

/// <summary>One attempt.</summary>
/// <param name="At">When it began.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Status">The HTTP status of the answer; null when there was none.</param>
/// <param name="Fault">Why there was none, or what is wrong with it; null when all is well.</param>
/// <param name="Answer">The beginning of the answer's body; null when it had none.</param>
public sealed record DeliveryAttempt(
    DateTimeOffset At,
    double Milliseconds,
    int? Status = null,
    string? Fault = null,
    string? Answer = null
);

/// <summary>What follows from an attempt.</summary>
public abstract record DeliveryVerdict
{
    private DeliveryVerdict() { }

    /// <summary>The target took it.</summary>
    public sealed record Delivered : DeliveryVerdict;

    /// <summary>It is attempted again.</summary>
    /// <param name="At">When.</param>
    public sealed record Repeat(DateTimeOffset At) : DeliveryVerdict;

    /// <summary>The schedule is over.</summary>
    public sealed record Park : DeliveryVerdict;

    /// <summary>The target wants no more.</summary>
    public sealed record Gone : DeliveryVerdict;
}
