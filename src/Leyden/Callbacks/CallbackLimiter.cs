using Leyden.Predictions;

namespace Leyden.Callbacks;

/// <summary>
/// Bounds what a flood of callbacks for one prediction costs: each that is passed on adds to the orchestration's history and may
/// lead to a request to the backend. Two pass at once (the first may have come before the end), then one in
/// <see cref="Interval"/>; the schedule finds what a dropped one would have told. In this process only.
/// </summary>
public sealed class CallbackLimiter(TimeProvider time)
{
    /// <summary>How often one more passes.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private const int Burst = 2;
    private const int MaxRemembered = 10_000;

    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();

    // By prediction, when nothing of what has passed counts any more: each passage puts it off by an interval.
    private readonly Dictionary<PredictionId, TimeSpan> _forgottenAt = [];

    /// <summary>Whether one more callback for this prediction passes.</summary>
    public bool TryPass(PredictionId id)
    {
        var now = time.GetElapsedTime(_start);
        lock (_lock)
        {
            var before = _forgottenAt.GetValueOrDefault(id);
            var after = (before > now ? before : now) + Interval;
            if (after > now + (Burst * Interval) || !HasRoom(id, now))
            {
                return false;
            }

            _forgottenAt[id] = after;
            return true;
        }
    }

    private bool HasRoom(PredictionId id, TimeSpan now)
    {
        if (_forgottenAt.Count >= MaxRemembered && !_forgottenAt.ContainsKey(id))
        {
            foreach (var (other, at) in _forgottenAt)
            {
                if (at <= now)
                {
                    _forgottenAt.Remove(other);
                }
            }
        }

        return _forgottenAt.Count < MaxRemembered || _forgottenAt.ContainsKey(id);
    }
}
