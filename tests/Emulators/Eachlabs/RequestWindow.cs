namespace Leyden.Emulators.Eachlabs;

/// <summary>A limit of requests in any 60 seconds (a sliding window).</summary>
internal sealed class RequestWindow(TimeProvider timeProvider)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);
    private readonly Queue<DateTimeOffset> _taken = [];
    private readonly Lock _gate = new();

    /// <param name="limit">Requests in a window; 0 for no limit.</param>
    /// <param name="retryAfter">When refused: how long until the oldest request leaves the window.</param>
    public bool TryTake(int limit, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        if (limit <= 0)
        {
            return true;
        }

        var now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            while (_taken.TryPeek(out var oldest) && now - oldest >= Length)
            {
                _taken.Dequeue();
            }

            if (_taken.Count < limit)
            {
                _taken.Enqueue(now);
                return true;
            }

            retryAfter = Length - (now - _taken.Peek());
            return false;
        }
    }
}
