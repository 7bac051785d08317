using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Predictions;

/// <summary>Ended predictions that can still be read, bounded by count, age and bytes; the oldest go first.</summary>
internal sealed class RecentPredictions : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly LinkedList<PredictionState> _byAge = [];
    private readonly Dictionary<string, LinkedListNode<PredictionState>> _byId = new(StringComparer.Ordinal);
    private readonly ModelServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;
    private long _bytes;

    public RecentPredictions(IOptions<ModelServerOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _sweeper = time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>The bytes of the pictures that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Keeps an ended prediction in place of an earlier one with the same id. One that is too large by itself is not kept.</summary>
    public void Add(PredictionState ended)
    {
        lock (_gate)
        {
            Forget(ended.Id);
            _byId[ended.Id] = _byAge.AddLast(ended);
            _bytes += ended.Bytes;
            Trim();
        }
    }

    /// <summary>Drops what is kept of an id, because it is used anew.</summary>
    public void Remove(string id)
    {
        lock (_gate)
        {
            Forget(id);
        }
    }

    /// <summary>Finds an ended prediction.</summary>
    /// <returns>Null when there is none, or none any more.</returns>
    public PredictionState? Find(string id)
    {
        lock (_gate)
        {
            Trim();
            return _byId.GetValueOrDefault(id)?.Value;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sweeper.Dispose();

    private void Sweep()
    {
        lock (_gate)
        {
            Trim();
        }
    }

    private void Trim()
    {
        var oldest = _time.GetUtcNow() - _options.RecentAge;
        while (
            _byAge.First is { Value: var first }
            && (_byAge.Count > _options.RecentCount || _bytes > _options.RecentBytes || first.CompletedAt <= oldest)
        )
        {
            Forget(first.Id);
        }
    }

    private void Forget(string id)
    {
        if (_byId.Remove(id, out var node))
        {
            _byAge.Remove(node);
            _bytes -= node.Value.Bytes;
        }
    }
}
