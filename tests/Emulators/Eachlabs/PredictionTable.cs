using System.Diagnostics.CodeAnalysis;

namespace Leyden.Emulators.Eachlabs;

/// <summary>The accepted predictions. Forgets the oldest finished ones beyond a limit.</summary>
internal sealed class PredictionTable(TimeProvider timeProvider)
{
    private readonly Dictionary<string, EmulatedPrediction> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<EmulatedPrediction> _oldestFirst = [];
    private readonly List<EmulatedPrediction> _unfinished = [];
    private readonly Lock _gate = new();

    /// <summary>Adds a prediction unless too many are unfinished.</summary>
    /// <param name="prediction">The prediction.</param>
    /// <param name="maxUnfinished">0 for no limit.</param>
    /// <param name="maxRemembered">Beyond this number the oldest finished ones are forgotten.</param>
    /// <param name="unfinished">How many are unfinished now, with this one when it was added.</param>
    public bool TryAdd(EmulatedPrediction prediction, int maxUnfinished, int maxRemembered, out int unfinished)
    {
        var now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            _unfinished.RemoveAll(p => !p.IsUnfinishedAt(now));
            unfinished = _unfinished.Count;
            if (maxUnfinished > 0 && unfinished >= maxUnfinished)
            {
                return false;
            }

            unfinished++;
            _unfinished.Add(prediction);
            _byId.Add(prediction.Id, prediction);
            _oldestFirst.AddLast(prediction);
            Forget(maxRemembered, now);
            return true;
        }
    }

    public bool TryGet(string id, [NotNullWhen(true)] out EmulatedPrediction? prediction)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(id, out prediction);
        }
    }

    private void Forget(int maxRemembered, DateTimeOffset now)
    {
        var node = _oldestFirst.First;
        while (node is not null && _byId.Count > maxRemembered)
        {
            var next = node.Next;
            if (!node.Value.IsUnfinishedAt(now))
            {
                _byId.Remove(node.Value.Id);
                _oldestFirst.Remove(node);
            }

            node = next;
        }
    }
}
