namespace Leyden.Predictions;

/// <summary>
/// Wakes those in this process who wait for a prediction's record to change. Changes by other processes are not told: whoever
/// waits also reads the record now and then.
/// </summary>
public sealed class PredictionChanges
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PredictionId, List<Watch>> _watches = [];

    /// <summary>Begins to watch a prediction: a change from now on is not missed. Dispose to end.</summary>
    public Watch Begin(PredictionId id)
    {
        var watch = new Watch(this, id);
        lock (_lock)
        {
            if (!_watches.TryGetValue(id, out var watches))
            {
                _watches[id] = watches = [];
            }

            watches.Add(watch);
        }

        return watch;
    }

    /// <summary>Tells that a record has changed.</summary>
    public void Tell(PredictionId id)
    {
        lock (_lock)
        {
            foreach (var watch in _watches.GetValueOrDefault(id) ?? [])
            {
                watch.Signal();
            }
        }
    }

    private void End(Watch watch)
    {
        lock (_lock)
        {
            if (_watches.TryGetValue(watch.Id, out var watches) && watches.Remove(watch) && watches.Count == 0)
            {
                _watches.Remove(watch.Id);
            }
        }
    }

    /// <summary>Somebody's view on the changes of one prediction.</summary>
    public sealed class Watch : IDisposable
    {
        private readonly PredictionChanges _changes;

        private TaskCompletionSource _changed = NewSignal();

        internal Watch(PredictionChanges changes, PredictionId id)
        {
            _changes = changes;
            Id = id;
        }

        internal PredictionId Id { get; }

        /// <summary>Waits until the record has changed since the last call, or for as long as given. One caller at a time.</summary>
        public async Task NextAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
        {
            var changed = _changed;
            try
            {
                await changed.Task.WaitAsync(longest, time, cancellationToken);
                // Before the caller looks: a change from here on is one that the look may miss.
                Volatile.Write(ref _changed, NewSignal());
            }
            catch (TimeoutException)
            {
                // Nobody told of a change: the caller looks for itself.
            }
        }

        /// <inheritdoc/>
        public void Dispose() => _changes.End(this);

        internal void Signal() => Volatile.Read(ref _changed).TrySetResult();

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
