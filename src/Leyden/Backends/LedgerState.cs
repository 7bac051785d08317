using System.Text.Json.Serialization;

namespace Leyden.Backends;

/// <summary>
/// The books of one backend, shared by all predictions of the deployment: who runs, who waits in which order, when requests
/// were and will be made, and how long recent runs took. Immutable, without a clock: each operation is a pure function of the
/// books and the present moment, so that compare-and-swap can repeat it.
/// </summary>
/// <remarks>
/// A place (one of <see cref="BackendLimits.MaxConcurrent"/>) is handed from whoever leaves to the head of the queue in the
/// same write, so nobody overtakes. Requests are spread by a sliding window over the times at which they were really made:
/// a request that must wait reserves its moment, and takes it when the moment comes.
/// </remarks>
public sealed record LedgerState
{
    /// <summary>The span over which <see cref="BackendLimits.RequestsPerMinute"/> counts, with a margin for the way to the backend.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60.5);

    /// <summary>How long a place is kept for a waiting prediction that was called to it.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(90);

    /// <summary>How long a reserved moment is kept for a prediction that does not come.</summary>
    public static readonly TimeSpan ReservationGrace = TimeSpan.FromSeconds(30);

    /// <summary>A call is repeated when its prediction has not come by then: whoever called may have been cut short before the wake-up.</summary>
    public static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(15);

    // Requests of the same tick are one entry once the limit is high, so that it does not decide how long the books are.
    private const int MostSingleEntries = 240;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Nothing known: a backend never used.</summary>
    public static LedgerState Empty { get; } = new();

    /// <summary>Who has a place.</summary>
    public IReadOnlyList<Place> Running { get; init; } = [];

    /// <summary>Who waits for one, in order of acceptance: prediction ids sort by time.</summary>
    public IReadOnlyList<string> Waiting { get; init; } = [];

    /// <summary>The requests within the last <see cref="Window"/> and the moments reserved ahead, in order of time.</summary>
    public IReadOnlyList<RequestEntry> Requests { get; init; } = [];

    /// <summary>The backend asked for silence until then.</summary>
    public DateTimeOffset? SilentUntil { get; init; }

    /// <summary>What recent runs took.</summary>
    public RunTimes RunTimes { get; init; } = RunTimes.Empty;

    /// <summary>Whether the backend reports the ends of predictions.</summary>
    public CallbackRecord Callbacks { get; init; } = CallbackRecord.Empty;

    /// <summary>How many are ahead of a waiting prediction; null when it does not wait.</summary>
    public int? Ahead(string id)
    {
        for (var i = 0; i < Waiting.Count; i++)
        {
            if (Waiting[i] == id)
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>Asks for a place, and in it for a request.</summary>
    /// <param name="id">Who asks.</param>
    /// <param name="until">When the place is free again at the latest: some time after the deadline of who asks.</param>
    /// <param name="now">The present moment.</param>
    /// <param name="limits">The backend's limits.</param>
    public (LedgerState State, LedgerAnswer Answer) Enter(
        string id,
        DateTimeOffset until,
        DateTimeOffset now,
        BackendLimits limits
    )
    {
        var state = Settle(now, limits);
        var place = new Place(id, until, Called: false);
        if (state.Running.FirstOrDefault(p => p.Id == id) is { } own)
        {
            var taken =
                own == place ? state : state with { Running = [.. state.Running.Select(p => p.Id == id ? place : p)] };
            return taken.Request(id, now, limits);
        }

        if (state.Ahead(id) is { } ahead)
        {
            return (state, new LedgerAnswer.Queued(ahead));
        }

        if (state.Waiting.Count == 0 && HasRoom(state.Running.Count, limits))
        {
            return (state with { Running = [.. state.Running, place] }).Request(id, now, limits);
        }

        // Steps of predictions that were accepted one after another run at the same time: who comes first here may be younger.
        var before = state.Waiting.TakeWhile(w => string.CompareOrdinal(w, id) < 0).Count();
        string[] waiting = [.. state.Waiting.Take(before), id, .. state.Waiting.Skip(before)];
        return (state with { Waiting = waiting }, new LedgerAnswer.Queued(before));
    }

    /// <summary>Asks for a request now; reserves the first possible moment when it is not now.</summary>
    public (LedgerState State, LedgerAnswer Answer) Request(string id, DateTimeOffset now, BackendLimits limits)
    {
        if (limits.RequestsPerMinute is not { } perMinute)
        {
            return SilentUntil > now
                ? (this, new LedgerAnswer.Wait(SilentUntil.Value))
                : (this, LedgerAnswer.Go.Instance);
        }

        var counted = Requests
            .Where(r => r.Time > now - Window && (r.By is null || r.Time > now - ReservationGrace))
            .ToList();
        var own = counted.FindIndex(r => r.By == id);
        var at = own >= 0 ? counted[own].Time : FirstFree(counted, now, perMinute);
        at = SilentUntil > at ? SilentUntil.Value : at;
        if (own >= 0)
        {
            counted.RemoveAt(own);
        }

        var isNow = at <= now;
        Add(counted, isNow ? new RequestEntry(now, null) : new RequestEntry(at, id), perMinute);
        return (this with { Requests = counted }, isNow ? LedgerAnswer.Go.Instance : new LedgerAnswer.Wait(at));
    }

    /// <summary>Gives up a place, or the wait for one, and the reserved moments.</summary>
    /// <param name="id">Who leaves. Harmless when not there.</param>
    /// <param name="run">How long its run took, to learn from; null when it did not finish.</param>
    /// <param name="now">The present moment.</param>
    /// <param name="limits">The backend's limits.</param>
    public LedgerState Leave(string id, RunSample? run, DateTimeOffset now, BackendLimits limits)
    {
        var hasLeft = !HasPlace(id); // a repeated call teaches nothing twice
        if (hasLeft && Ahead(id) is null && Requests.All(r => r.By != id))
        {
            return Settle(now, limits);
        }

        var state = this with
        {
            Running = [.. Running.Where(p => p.Id != id)],
            Waiting = [.. Waiting.Where(w => w != id)],
            Requests = [.. Requests.Where(r => r.By != id)],
            RunTimes = run is null || hasLeft ? RunTimes : RunTimes.With(run),
            Callbacks = run is null || hasLeft ? Callbacks : Callbacks.With(run.Report),
        };
        return state.Settle(now, limits);
    }

    /// <summary>Notes that the backend asked for silence.</summary>
    public LedgerState Silence(DateTimeOffset until) =>
        until > (SilentUntil ?? DateTimeOffset.MinValue) ? this with { SilentUntil = until } : this;

    /// <summary>Who has been called to a place and has not come yet.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Called => [.. Running.Where(p => p.Called).Select(p => p.Id)];

    /// <summary>
    /// Whom to wake after somebody left: who was called by that, and who should have come long ago. A repeated leave may be that of a step
    /// that was cut short before its wake-ups, and wakes all.
    /// </summary>
    /// <param name="before">The books before.</param>
    /// <param name="id">Who left.</param>
    /// <param name="now">The present moment.</param>
    public IReadOnlyList<string> ToWake(LedgerState before, string id, DateTimeOffset now)
    {
        if (!before.HasPlace(id))
        {
            return Called;
        }

        var known = before.Called.ToHashSet(StringComparer.Ordinal);
        var overdue = now + CallTimeout - CallPatience;
        return [.. Running.Where(p => p.Called && (!known.Contains(p.Id) || p.Until <= overdue)).Select(p => p.Id)];
    }

    private bool HasPlace(string id) => Running.Any(p => p.Id == id);

    private static bool HasRoom(int running, BackendLimits limits) => running < (limits.MaxConcurrent ?? int.MaxValue);

    /// <summary>The first moment from now on, not before any reserved one, whose window is not full.</summary>
    private static DateTimeOffset FirstFree(List<RequestEntry> counted, DateTimeOffset now, int perMinute)
    {
        var at = counted.Count > 0 && counted[^1].Time > now ? counted[^1].Time : now;
        var later = 0;
        for (var i = counted.Count - 1; i >= 0; i--)
        {
            later += counted[i].Number;
            if (later >= perMinute)
            {
                var free = counted[i].Time + Window;
                return free > at ? free : at;
            }
        }

        return at;
    }

    /// <summary>Adds an entry in order of time. Joined ones count as made at the last moment of them: never too early.</summary>
    private static void Add(List<RequestEntry> counted, RequestEntry entry, int perMinute)
    {
        if (entry.By is null && perMinute > MostSingleEntries)
        {
            var tick = entry.Time.UtcTicks / Tick.Ticks;
            var same = counted.FindIndex(r => r.By is null && r.Time.UtcTicks / Tick.Ticks == tick);
            if (same >= 0)
            {
                var other = counted[same];
                var last = other.Time > entry.Time ? other.Time : entry.Time;
                counted.RemoveAt(same);
                entry = new RequestEntry(last, null, other.Number + entry.Number);
            }
        }

        var place = counted.FindIndex(r => r.Time > entry.Time);
        counted.Insert(place < 0 ? counted.Count : place, entry);
    }

    /// <summary>Frees places whose time is over and calls the heads of the queue to free places.</summary>
    private LedgerState Settle(DateTimeOffset now, BackendLimits limits)
    {
        var running = Running.Where(p => p.Until > now).ToList();
        var called = 0;
        while (called < Waiting.Count && HasRoom(running.Count, limits))
        {
            running.Add(new Place(Waiting[called], now + CallTimeout, Called: true));
            called++;
        }

        return called == 0 && running.Count == Running.Count
            ? this
            : this with
            {
                Running = running,
                Waiting = [.. Waiting.Skip(called)],
            };
    }
}

/// <summary>A place at the backend.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Until">When it is free again even if nobody gives it up.</param>
/// <param name="Called">Whether its holder was called out of the queue and has not come yet.</param>
public sealed record Place(
    string Id,
    DateTimeOffset Until,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Called
);

/// <summary>A request that was made, or a moment that is reserved for one.</summary>
/// <param name="Time">When; of several, the last.</param>
/// <param name="By">Who reserved it; null once it was made.</param>
/// <param name="Count">How many requests; null for one.</param>
public sealed record RequestEntry(DateTimeOffset Time, string? By, int? Count = null)
{
    /// <summary>How many requests.</summary>
    [JsonIgnore]
    public int Number => Count ?? 1;
}

/// <summary>What the books say to somebody who asks.</summary>
public abstract record LedgerAnswer
{
    private LedgerAnswer() { }

    /// <summary>Make the request now; it is counted.</summary>
    public sealed record Go : LedgerAnswer
    {
        internal static Go Instance { get; } = new();
    }

    /// <summary>The request may be made at this moment, which is reserved: ask again then.</summary>
    public sealed record Wait(DateTimeOffset Until) : LedgerAnswer;

    /// <summary>All places are taken; there is a place in the queue.</summary>
    /// <param name="Ahead">How many are called before.</param>
    public sealed record Queued(int Ahead) : LedgerAnswer;
}
