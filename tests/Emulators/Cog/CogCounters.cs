namespace Leyden.Emulators.Cog;

/// <summary>What the emulator was asked since it started, at one moment.</summary>
public sealed record CogCounts
{
    /// <summary>Questions for its health.</summary>
    public int HealthChecks { get; init; }

    /// <summary>Predictions that were asked for, whatever became of them.</summary>
    public int Puts { get; init; }

    /// <summary>Cancels that were asked for.</summary>
    public int Cancels { get; init; }

    /// <summary>Runs that were stopped, by a cancel or because the connection broke.</summary>
    public int Stopped { get; init; }

    /// <summary>Requests that the sign-in turned away.</summary>
    public int TurnedAway { get; init; }

    /// <summary>Tokens that were given to identities.</summary>
    public int Tokens { get; init; }

    /// <summary>The most runs at once.</summary>
    public int Peak { get; init; }

    /// <summary>How often a run of each id was begun.</summary>
    public IReadOnlyDictionary<string, int> RunsById { get; init; } = new Dictionary<string, int>();

    /// <summary>How often a run of each prompt was begun.</summary>
    public IReadOnlyDictionary<string, int> RunsByPrompt { get; init; } = new Dictionary<string, int>();
}

/// <summary>Counts what the emulator was asked.</summary>
internal sealed class CogCounters
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byPrompt = new(StringComparer.Ordinal);
    private CogCounts _counts = new();

    public CogCounts Read()
    {
        lock (_gate)
        {
            return _counts with
            {
                RunsById = new Dictionary<string, int>(_byId),
                RunsByPrompt = new Dictionary<string, int>(_byPrompt),
            };
        }
    }

    public void HealthCheck() => Change(c => c with { HealthChecks = c.HealthChecks + 1 });

    public void Put() => Change(c => c with { Puts = c.Puts + 1 });

    public void Cancel() => Change(c => c with { Cancels = c.Cancels + 1 });

    public void TurnedAway() => Change(c => c with { TurnedAway = c.TurnedAway + 1 });

    public void TokenGiven() => Change(c => c with { Tokens = c.Tokens + 1 });

    public void Stopped() => Change(c => c with { Stopped = c.Stopped + 1 });

    public void Begun(string id, string prompt, int running)
    {
        lock (_gate)
        {
            _counts = _counts with { Peak = Math.Max(_counts.Peak, running) };
            _byId[id] = _byId.GetValueOrDefault(id) + 1;
            _byPrompt[prompt] = _byPrompt.GetValueOrDefault(prompt) + 1;
        }
    }

    private void Change(Func<CogCounts, CogCounts> change)
    {
        lock (_gate)
        {
            _counts = change(_counts);
        }
    }
}
