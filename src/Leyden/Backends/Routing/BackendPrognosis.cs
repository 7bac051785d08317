namespace Leyden.Backends;

/// <summary>What a prediction can expect of one backend.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Wait">How long until it begins to run there: queue and cold start.</param>
/// <param name="Run">How long it then runs.</param>
/// <param name="Out">Why it can not go there; null when it can.</param>
/// <param name="Cold">Why the wait is long, of a backend that sleeps or starts; null when it is warm or never sleeps.</param>
public sealed record BackendPrognosis(IBackend Backend, TimeSpan Wait, TimeSpan Run, string? Out, string? Cold)
{
    /// <summary>When nothing is known of a model yet.</summary>
    private static readonly TimeSpan UnknownRun = TimeSpan.FromSeconds(2);

    /// <summary>From now to the result.</summary>
    public TimeSpan Total => Wait + Run;

    /// <summary>Makes one out of a backend's books.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="books">Its books.</param>
    /// <param name="id">Whose prognosis: what holds a place already does not wait behind itself.</param>
    /// <param name="model">The model.</param>
    /// <param name="workload">The workload.</param>
    /// <param name="now">The present moment.</param>
    public static BackendPrognosis Of(
        IBackend backend,
        LedgerState books,
        string id,
        string model,
        string workload,
        DateTimeOffset now
    )
    {
        var run = books.RunTimes.Estimate(model, workload) ?? UnknownRun;
        var others = books.Running.Count(p => p.Id != id && p.Until > now) + (books.Ahead(id) ?? books.Waiting.Count);
        var slots = backend.Limits.MaxConcurrent ?? int.MaxValue;
        var queue = others < slots ? TimeSpan.Zero : run * Math.Ceiling((others - slots + 1.0) / slots);
        var silence = books.SilentUntil > now ? books.SilentUntil.Value - now : TimeSpan.Zero;
        return new BackendPrognosis(backend, queue > silence ? queue : silence, run, Out: null, Cold: null);
    }

    /// <summary>The best of several for a prediction.</summary>
    /// <param name="prognoses">In order of preference.</param>
    /// <param name="left">How long until the deadline.</param>
    /// <param name="rule">How much longer the preferred may take.</param>
    /// <returns>The best that makes the deadline; else the fastest; null when all are out.</returns>
    public static BackendPrognosis? Best(IReadOnlyList<BackendPrognosis> prognoses, TimeSpan left, RoutingRule rule)
    {
        var possible = prognoses.Where(p => p.Out is null).ToList();
        var timely = possible.Where(p => p.Total <= left).ToList();
        var field = timely.Count > 0 ? timely : possible;
        if (field.Count == 0)
        {
            return null;
        }

        var fastest = field.MinBy(p => p.Total)!;
        return timely.FirstOrDefault(p => p.Wait <= fastest.Wait + rule.MaxExtraWait) ?? fastest;
    }
}
