using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite;

/// <summary>An activity that is ready to be handed out.</summary>
internal sealed record QueuedActivity(long Id, long InstanceKey, int Attempts, long ChargedIn, TaskMessage Message);

/// <summary>
/// Activities in the order of their ids. The table is the queue; memory holds at most <paramref name="capacity"/> of its head. Ids are given in
/// commit order, so "everything up to <see cref="_loadedTo"/> has been in memory" describes the border exactly.
/// </summary>
internal sealed class ActivityQueue(TimeProvider time, int capacity) : IDisposable
{
    private readonly SemaphoreSlim _available = new(0);
    private readonly Lock _lock = new();
    private readonly Queue<QueuedActivity> _ready = new();
    private readonly HashSet<ITimer> _retries = [];
    private long _loadedTo;
    private bool _loading;
    private bool _moreInTable = true;

    /// <summary>The highest id that <see cref="Add"/> has left in the table since the last load began.</summary>
    private long _leftTo;

    /// <summary>The highest id that was announced.</summary>
    private long _announcedTo;

    /// <summary>
    /// Instances whose activities were discarded while a load runs, with the highest id that this can concern: the load may have read them
    /// before they were deleted.
    /// </summary>
    private readonly Dictionary<long, long> _discardedMeanwhile = [];

    /// <summary>
    /// Called (not under the lock) with the last loaded id and a count when the table holds more and memory has room; the owner answers with
    /// <see cref="Loaded"/>.
    /// </summary>
    public Action<long, int>? LoadMore { get; set; }

    /// <summary>Forgets what is in memory and begins again at the head of the table.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _ready.Clear();
            ClearRetries();
            _loadedTo = 0;
            _moreInTable = true;
            _loading = true;
            _leftTo = 0;
            _discardedMeanwhile.Clear();
        }

        LoadMore?.Invoke(0, capacity);
    }

    /// <summary>Offers activities that have just been committed. Call in the order of the commits, which is the order of the ids.</summary>
    public void Add(List<QueuedActivity> activities)
    {
        lock (_lock)
        {
            foreach (var activity in activities)
            {
                _announcedTo = Math.Max(_announcedTo, activity.Id);
                if (activity.Id <= _loadedTo)
                {
                    // Loaded from the table between its commit and this call.
                    continue;
                }

                if (_moreInTable || _ready.Count >= capacity)
                {
                    // Behind others that are only in the table, or without room: it stays there and is loaded in its turn.
                    _moreInTable = true;
                    _leftTo = activity.Id;
                    continue;
                }

                _loadedTo = activity.Id;
                Enqueue(activity);
            }
        }
    }

    /// <summary>
    /// Answers <see cref="LoadMore"/>, repeating the id that it was given. The border does not move while a load runs, except by
    /// <see cref="Restart"/>: an answer to a question from before it is ignored.
    /// </summary>
    public void Loaded(long after, List<QueuedActivity> activities, bool moreInTable)
    {
        lock (_lock)
        {
            if (after != _loadedTo)
            {
                return;
            }

            foreach (var activity in activities)
            {
                if (activity.Id > _loadedTo)
                {
                    _loadedTo = activity.Id;
                    if (activity.Id > _discardedMeanwhile.GetValueOrDefault(activity.InstanceKey))
                    {
                        Enqueue(activity);
                    }
                }
            }

            _discardedMeanwhile.Clear();
            // What was committed while the load ran may have come after its read.
            _moreInTable = moreInTable || _leftTo > _loadedTo;
            _loading = false;
        }

        LoadIfRoom();
    }

    /// <summary>Drops the queued activities of an instance that ended or was replaced.</summary>
    public void Discard(long instanceKey)
    {
        lock (_lock)
        {
            if (_loading)
            {
                _discardedMeanwhile[instanceKey] = _announcedTo;
            }

            for (var i = _ready.Count; i > 0; i--)
            {
                if (_ready.Dequeue() is var activity && activity.InstanceKey != instanceKey)
                {
                    _ready.Enqueue(activity);
                }
            }
        }
    }

    /// <summary>Takes the next activity; null when there was none in time.</summary>
    public async Task<QueuedActivity?> TakeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        while (await Waiting.ForAsync(_available, timeout, time, cancellationToken))
        {
            QueuedActivity? next;
            lock (_lock)
            {
                // Nothing, when Restart or Discard have emptied the queue since it was announced.
                _ready.TryDequeue(out next);
            }

            LoadIfRoom();
            if (next is not null)
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>Offers an abandoned activity again after a delay.</summary>
    public void Retry(QueuedActivity activity, TimeSpan delay)
    {
        lock (_lock)
        {
            // Created disarmed: it must not fire before it is in the set.
            ITimer timer = null!;
            timer = time.CreateTimer(
                _ => EndRetry(timer, activity),
                null,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan
            );
            _retries.Add(timer);
            timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            ClearRetries();
        }
    }

    private void LoadIfRoom()
    {
        long after;
        lock (_lock)
        {
            if (!_moreInTable || _loading || _ready.Count > capacity / 2)
            {
                return;
            }

            _loading = true;
            _leftTo = 0;
            after = _loadedTo;
        }

        LoadMore?.Invoke(after, capacity - (capacity / 2));
    }

    private void ClearRetries()
    {
        foreach (var timer in _retries)
        {
            timer.Dispose();
        }

        _retries.Clear();
    }

    private void EndRetry(ITimer timer, QueuedActivity activity)
    {
        lock (_lock)
        {
            if (_retries.Remove(timer))
            {
                timer.Dispose();
                Enqueue(activity);
            }
        }
    }

    private void Enqueue(QueuedActivity activity)
    {
        _ready.Enqueue(activity);
        _available.Release();
    }
}
