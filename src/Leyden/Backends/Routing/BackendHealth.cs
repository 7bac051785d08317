using System.Text.Json.Serialization;

namespace Leyden.Backends;

/// <summary>
/// What all processes of a deployment know of a backend's well-being: its circuit breaker, and when it was warm. Immutable, without a clock:
/// each operation is a pure function, so that compare-and-swap can repeat it.
/// </summary>
/// <remarks>
/// After several failures in a row the breaker opens: nobody is sent there. When the pause is over one prediction may try (half open); its
/// success closes the breaker, its failure opens it for twice as long.
/// </remarks>
public sealed record BackendHealth
{
    private const int MaxDoublings = 10;
    private const int KeptDiversions = 1_000;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ProbeTime = TimeSpan.FromMinutes(2);

    /// <summary>Nothing known: a backend never used.</summary>
    public static BackendHealth Empty { get; } = new();

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>How often in a row the breaker has opened.</summary>
    public int Openings { get; init; }

    /// <summary>Until when nobody is sent there; null while the breaker is closed.</summary>
    public DateTimeOffset? OpenUntil { get; init; }

    /// <summary>Who tries after the pause.</summary>
    public string? ProbeBy { get; init; }

    /// <summary>Until when others leave that to it.</summary>
    public DateTimeOffset? ProbeUntil { get; init; }

    /// <summary>The last failure, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>When it last was seen to be ready, of backends that sleep.</summary>
    public DateTimeOffset? WarmAt { get; init; }

    /// <summary>When it was last woken.</summary>
    public DateTimeOffset? WokenAt { get; init; }

    /// <summary>When predictions went elsewhere because it was asleep or cold.</summary>
    public IReadOnlyList<DateTimeOffset> Diversions { get; init; } = [];

    /// <summary>Whether it has no failure on record.</summary>
    [JsonIgnore]
    public bool IsWell => Failures == 0 && OpenUntil is null;

    /// <summary>Whether a prediction must not be sent there.</summary>
    public bool IsOutFor(string id, DateTimeOffset now) =>
        OpenUntil is { } until && (now < until || (ProbeBy != id && ProbeBy is not null && now < ProbeUntil));

    /// <summary>Whether a prediction that is sent there would be the one that tries.</summary>
    public bool NeedsProbe(DateTimeOffset now) => OpenUntil <= now;

    /// <summary>With a prediction as the one that tries; null when it may not.</summary>
    public BackendHealth? Probed(string id, DateTimeOffset now) =>
        IsOutFor(id, now) || !NeedsProbe(now) ? null : this with { ProbeBy = id, ProbeUntil = now + ProbeTime };

    /// <summary>With a failure more.</summary>
    /// <param name="reason">In words.</param>
    /// <param name="isLasting">Whether it will not pass by itself, so that one is enough.</param>
    /// <param name="now">The present moment.</param>
    /// <param name="rule">When to open, and for how long.</param>
    public BackendHealth Failed(string reason, bool isLasting, DateTimeOffset now, RoutingRule rule)
    {
        if (now < OpenUntil)
        {
            return this with { Failures = Failures + 1, Reason = reason }; // of a prediction that was sent before
        }

        var failed = this with { Failures = Failures + 1, Reason = reason, ProbeBy = null, ProbeUntil = null };
        if (OpenUntil is null && !isLasting && failed.Failures < rule.BreakerFailures)
        {
            return failed;
        }

        var pause = rule.BreakerPause * Math.Pow(2, Math.Min(Openings, MaxDoublings));
        return failed with { Openings = Openings + 1, OpenUntil = now + (pause < LongestPause ? pause : LongestPause) };
    }

    /// <summary>With a success more.</summary>
    public BackendHealth Succeeded(DateTimeOffset now) =>
        (IsWell ? this : new BackendHealth { WokenAt = WokenAt, Diversions = Diversions }) with
        {
            WarmAt = now,
        };

    /// <summary>With a prediction more that went elsewhere.</summary>
    /// <param name="wakes">Whether the backend is woken for the sake of those that follow.</param>
    /// <param name="now">The present moment.</param>
    /// <param name="window">For how long it is remembered.</param>
    public BackendHealth Diverted(bool wakes, DateTimeOffset now, TimeSpan window) =>
        this with
        {
            WokenAt = wakes ? now : WokenAt,
            Diversions = [.. Diversions.Where(d => d > now - window).TakeLast(KeptDiversions - 1), now],
        };
}
