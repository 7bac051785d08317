namespace Leyden.Emulators.Eachlabs;

/// <summary>What the emulator was asked since it started, at one moment.</summary>
public sealed record EachlabsCounts
{
    /// <summary>Creates that arrived with a good key, whatever became of them.</summary>
    public int CreatesReceived { get; init; }

    /// <summary>Creates that were accepted. Each one is billed.</summary>
    public int CreatesBilled { get; init; }

    /// <summary>Reads that arrived with a good key.</summary>
    public int Gets { get; init; }

    /// <summary>Cancels that arrived with a good key.</summary>
    public int Cancels { get; init; }

    /// <summary>Requests refused for the key.</summary>
    public int Unauthorized { get; init; }

    /// <summary>Requests refused with 429, for a limit or on command.</summary>
    public int Throttled { get; init; }

    /// <summary>Downloads of outputs.</summary>
    public int OutputsRequested { get; init; }

    /// <summary>Webhooks that were taken by their receiver.</summary>
    public int WebhooksDelivered { get; init; }

    /// <summary>The most predictions that were unfinished at once.</summary>
    public int PeakRunning { get; init; }

    /// <summary>How often each prompt was billed: of the first 50,000 prompts.</summary>
    public IReadOnlyDictionary<string, int> BilledByPrompt { get; init; } = new Dictionary<string, int>();

    /// <summary>The prompts in the order in which their creates were billed: the first 50,000.</summary>
    public IReadOnlyList<string> BilledOrder { get; init; } = [];
}

/// <summary>Counts what the emulator was asked.</summary>
internal sealed class EachlabsCounters
{
    private const int MaxPrompts = 50_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _billedByPrompt = new(StringComparer.Ordinal);
    private readonly List<string> _billedOrder = [];
    private EachlabsCounts _counts = new();

    public EachlabsCounts Read()
    {
        lock (_gate)
        {
            return _counts with
            {
                BilledByPrompt = new Dictionary<string, int>(_billedByPrompt),
                BilledOrder = [.. _billedOrder],
            };
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _billedByPrompt.Clear();
            _billedOrder.Clear();
            _counts = new();
        }
    }

    public void CreateReceived() => Change(c => c with { CreatesReceived = c.CreatesReceived + 1 });

    public void Get() => Change(c => c with { Gets = c.Gets + 1 });

    public void Cancel() => Change(c => c with { Cancels = c.Cancels + 1 });

    public void Unauthorized() => Change(c => c with { Unauthorized = c.Unauthorized + 1 });

    public void Throttled() => Change(c => c with { Throttled = c.Throttled + 1 });

    public void OutputRequested() => Change(c => c with { OutputsRequested = c.OutputsRequested + 1 });

    public void WebhookDelivered() => Change(c => c with { WebhooksDelivered = c.WebhooksDelivered + 1 });

    public void Billed(string prompt, int running)
    {
        lock (_gate)
        {
            _counts = _counts with
            {
                CreatesBilled = _counts.CreatesBilled + 1,
                PeakRunning = Math.Max(_counts.PeakRunning, running),
            };
            if (_billedByPrompt.Count < MaxPrompts || _billedByPrompt.ContainsKey(prompt))
            {
                _billedByPrompt[prompt] = _billedByPrompt.GetValueOrDefault(prompt) + 1;
            }

            if (_billedOrder.Count < MaxPrompts)
            {
                _billedOrder.Add(prompt);
            }
        }
    }

    private void Change(Func<EachlabsCounts, EachlabsCounts> change)
    {
        lock (_gate)
        {
            _counts = change(_counts);
        }
    }
}
