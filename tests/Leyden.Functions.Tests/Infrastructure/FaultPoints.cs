using Leyden.TestSupport;

namespace Leyden.Functions.Tests.Infrastructure;

/// <summary>
/// Counts what a host has durably done, in the order in which it happened: each write to storage, by us or by the engine, and each call to
/// the outside. At a chosen one the host is killed, before it learns that it was done.
/// </summary>
/// <param name="fatal">The number of the fatal one, from 1; 0 for none.</param>
internal sealed class FaultPoints(int fatal)
{
    private readonly TaskCompletionSource<string> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<Task>? _kill;
    private int _count;

    /// <summary>What was done last before the host was killed; does not complete when it is not killed.</summary>
    public Task<string> Reached => _reached.Task;

    /// <summary>How many there were so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>From now on it counts: what a host does at its start is left out.</summary>
    public void Arm(Func<Task> kill) => Volatile.Write(ref _kill, kill);

    /// <summary>Counts a storage transaction if it has changed something.</summary>
    public ValueTask StorageAsync(StorageService service, ObservedRequest request)
    {
        var isRead = request.Method is "GET" or "HEAD" or "OPTIONS";
        // Those that hold a host's place among others go on all the time and belong to no prediction.
        var isHousekeeping =
            request.Path.Contains("partitions", StringComparison.OrdinalIgnoreCase)
            || request.Path.Contains("applease", StringComparison.OrdinalIgnoreCase)
            || request.Query.Contains("comp=lease", StringComparison.Ordinal)
            || request.Query.Contains("restype=container", StringComparison.Ordinal);
        return isRead || isHousekeeping || (int)request.Status >= 400
            ? ValueTask.CompletedTask
            : HitAsync($"{service} {request.Method} {request.Path}");
    }

    /// <summary>Counts a call to the outside.</summary>
    public ValueTask CallAsync(ObservedRequest request) => HitAsync($"{request.Method} {request.Path}");

    private async ValueTask HitAsync(string what)
    {
        if (Volatile.Read(ref _kill) is { } kill && Interlocked.Increment(ref _count) == fatal)
        {
            await kill();
            _reached.TrySetResult(what);
        }
    }
}
