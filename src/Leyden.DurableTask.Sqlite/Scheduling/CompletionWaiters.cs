using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Callers that wait for an instance to finish. A waiter belongs to one start of an instance (its key) or, when the instance was not there yet, to
/// its id and an optional execution id; another start under the same id does not satisfy it. Waiters leave when they stop waiting.
/// </summary>
internal sealed class CompletionWaiters
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Waiter>> _waiters = new(StringComparer.Ordinal);

    /// <summary>How many are waiting.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Values.Sum(list => list.Count);
            }
        }
    }

    /// <summary>Registers before the state is read, so that a completion after the read is not missed. Dispose to leave.</summary>
    public Waiter Add(string instanceId, string? executionId)
    {
        var waiter = new Waiter(this, instanceId, string.IsNullOrEmpty(executionId) ? null : executionId);
        lock (_lock)
        {
            if (!_waiters.TryGetValue(instanceId, out var list))
            {
                _waiters.Add(instanceId, list = []);
            }

            list.Add(waiter);
        }

        return waiter;
    }

    /// <summary>Tells those who wait for this start of the instance, after the commit of its final state.</summary>
    public void Complete(InstanceIdentity instance, OrchestrationState state)
    {
        lock (_lock)
        {
            if (_waiters.TryGetValue(instance.InstanceId, out var list))
            {
                foreach (var waiter in list.Where(waiter => waiter.IsFor(instance)))
                {
                    waiter.SetResult(state);
                }
            }
        }
    }

    private void Remove(Waiter waiter)
    {
        lock (_lock)
        {
            if (_waiters.TryGetValue(waiter.InstanceId, out var list) && list.Remove(waiter) && list.Count == 0)
            {
                _waiters.Remove(waiter.InstanceId);
            }
        }
    }

    internal sealed class Waiter(CompletionWaiters owner, string instanceId, string? executionId) : IDisposable
    {
        private readonly TaskCompletionSource<OrchestrationState> _completion = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private long? _key;

        public string InstanceId { get; } = instanceId;

        public Task<OrchestrationState> Task => _completion.Task;

        /// <summary>Ties the waiter to the start that it has found.</summary>
        public void Bind(long key)
        {
            lock (owner._lock)
            {
                _key = key;
            }
        }

        public bool IsFor(InstanceIdentity instance) =>
            _key is { } key ? key == instance.Key : executionId is null || instance.HasExecution(executionId);

        public void SetResult(OrchestrationState state) => _completion.TrySetResult(state);

        public void Dispose() => owner.Remove(this);
    }
}
