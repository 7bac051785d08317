using System.Collections.Concurrent;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>How often something was tried, by instance: what activities cannot know from their input.</summary>
internal sealed class Attempts
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public int Next(string instanceId) => _counts.AddOrUpdate(instanceId, 1, (_, count) => count + 1);
}

/// <summary>Counts the scopes that activities ran in.</summary>
internal sealed class CallScopes
{
    private int _created;
    private int _disposed;

    public int Disposed => Volatile.Read(ref _disposed);

    public int Create() => Interlocked.Increment(ref _created);

    public void Dispose() => Interlocked.Increment(ref _disposed);
}

/// <summary>A scoped service: the same within one activity call, another in the next.</summary>
internal sealed class CallScope(CallScopes scopes) : IDisposable
{
    public int Number { get; } = scopes.Create();

    public void Dispose() => scopes.Dispose();
}
