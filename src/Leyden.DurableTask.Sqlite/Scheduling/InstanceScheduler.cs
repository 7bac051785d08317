namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Which instances have work and which are being worked on. Everything here is a hint that can be rebuilt from the inbox table; what it must
/// guarantee is that an instance is handed out to one worker at a time, and that one with visible messages is handed out eventually.
/// </summary>
/// <remarks>
/// An instance is absent (idle) or in one of the states of <see cref="State"/>. All transitions happen under one lock, so that none can fall
/// between another's test and its change:
/// <list type="bullet">
/// <item>notify while locked must not be lost, although the worker may have read the inbox before the message was there: Locked → LockedDirty,
/// and unlocking a dirty instance queues it again;</item>
/// <item>notify while queued adds nothing: the worker reads the inbox after it has taken the instance from the queue;</item>
/// <item>unlock removes the entry in the same step in which it finds it clean, so that a notify either came before (dirty) or finds the
/// instance idle and queues it.</item>
/// </list>
/// Notify only after the commit of the message that it announces; otherwise the worker could look too early and nobody would tell it again.
/// </remarks>
internal sealed class InstanceScheduler(TimeProvider time, int capacity) : IDisposable
{
    private readonly SemaphoreSlim _available = new(0);
    private readonly Lock _lock = new();
    private readonly Queue<long> _ready = new();
    private readonly Dictionary<long, Slot> _slots = [];
    private bool _overflowed;

    private enum State
    {
        Queued,
        Locked,
        LockedDirty,
        BackingOff,
    }

    /// <summary>Called (not under the lock) when the queue had overflowed and has room again: the owner notifies what the inbox holds.</summary>
    public Action? RoomAgain { get; set; }

    /// <summary>How many instances are not idle: queued, locked or backing off.</summary>
    public int ActiveCount
    {
        get
        {
            lock (_lock)
            {
                return _slots.Count;
            }
        }
    }

    /// <summary>Says that the instance has visible messages. False when the queue is full: the instance will be found again in the inbox.</summary>
    public bool Notify(long key)
    {
        lock (_lock)
        {
            if (_slots.TryGetValue(key, out var slot))
            {
                if (slot.State == State.Locked)
                {
                    slot.State = State.LockedDirty;
                }

                return true;
            }

            if (_ready.Count >= capacity)
            {
                _overflowed = true;
                return false;
            }

            _slots.Add(key, slot = new Slot());
            Enqueue(key, slot);
            return true;
        }
    }

    /// <summary>Locks the next ready instance; null when none became ready in time.</summary>
    public async Task<long?> TakeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!await Waiting.ForAsync(_available, timeout, time, cancellationToken))
        {
            return null;
        }

        long key;
        bool roomAgain;
        lock (_lock)
        {
            key = _ready.Dequeue();
            _slots[key].State = State.Locked;
            roomAgain = _overflowed && _ready.Count <= capacity / 2;
            if (roomAgain)
            {
                // Cleared before the owner looks into the inbox: an overflow during its look sets it again.
                _overflowed = false;
            }
        }

        if (roomAgain)
        {
            RoomAgain?.Invoke();
        }

        return key;
    }

    /// <summary>The worker knows that it has not read all visible messages: the instance is queued again when unlocked.</summary>
    public void MarkDirty(long key)
    {
        lock (_lock)
        {
            _slots[key].State = State.LockedDirty;
        }
    }

    /// <summary>Makes the coming <see cref="Unlock"/> hold the instance back for a while. New messages do not shorten the wait.</summary>
    public void BackOff(long key, TimeSpan delay)
    {
        lock (_lock)
        {
            _slots[key].BackOff = delay;
        }
    }

    /// <summary>Gives a locked instance back.</summary>
    public void Unlock(long key)
    {
        lock (_lock)
        {
            var slot = _slots[key];
            if (slot.BackOff is { } delay)
            {
                slot.BackOff = null;
                slot.State = State.BackingOff;
                slot.Timer = time.CreateTimer(_ => EndBackOff(key), null, delay, Timeout.InfiniteTimeSpan);
            }
            else if (slot.State == State.LockedDirty)
            {
                Enqueue(key, slot);
            }
            else
            {
                _slots.Remove(key);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var slot in _slots.Values)
            {
                slot.Timer?.Dispose();
            }

            _slots.Clear();
            _ready.Clear();
        }
    }

    private void EndBackOff(long key)
    {
        lock (_lock)
        {
            if (_slots.TryGetValue(key, out var slot) && slot.State == State.BackingOff)
            {
                slot.Timer?.Dispose();
                slot.Timer = null;
                Enqueue(key, slot);
            }
        }
    }

    // Instances that come back may exceed the capacity: they are bounded by the number of workers.
    private void Enqueue(long key, Slot slot)
    {
        slot.State = State.Queued;
        _ready.Enqueue(key);
        _available.Release();
    }

    private sealed class Slot
    {
        public State State { get; set; }

        public TimeSpan? BackOff { get; set; }

        public ITimer? Timer { get; set; }
    }
}
