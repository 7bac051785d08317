using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Recent histories of running instances, least recently used out first. An entry is taken out while its instance is worked on and put back after the
/// commit, so that it always equals the table; whatever goes wrong in between simply leaves none.
/// </summary>
internal sealed class HistoryCache(long capacity)
{
    private readonly Dictionary<long, LinkedListNode<Entry>> _entries = [];
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _recent = new();
    private long _bytes;

    /// <summary>Puts a history in, whose stored form has this many bytes.</summary>
    public void Put(long key, IList<HistoryEvent> events, long bytes)
    {
        // One history may not push out all others.
        if (bytes > capacity / 8)
        {
            return;
        }

        lock (_lock)
        {
            Remove(key);
            _entries.Add(key, _recent.AddFirst(new Entry(key, events, bytes)));
            _bytes += bytes;
            while (_bytes > capacity && _recent.Last is { } oldest)
            {
                Remove(oldest.Value.Key);
            }
        }
    }

    /// <summary>Takes a history out; null when it is not here.</summary>
    public (IList<HistoryEvent> Events, long Bytes)? Take(long key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            Remove(key);
            return (node.Value.Events, node.Value.Bytes);
        }
    }

    private void Remove(long key)
    {
        if (_entries.Remove(key, out var node))
        {
            _recent.Remove(node);
            _bytes -= node.Value.Bytes;
        }
    }

    private sealed record Entry(long Key, IList<HistoryEvent> Events, long Bytes);
}
