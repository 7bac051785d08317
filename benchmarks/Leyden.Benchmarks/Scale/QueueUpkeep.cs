using Leyden.Backends;
using Leyden.Orchestration;

namespace Leyden.Benchmarks.Scale;

/// <summary>What a long queue costs by itself: looks whether it is one's turn, and wake-ups.</summary>
internal static class QueueUpkeep
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromDays(1);

    /// <summary>How often a prediction asks for its place until it is called.</summary>
    /// <param name="ahead">How many are before it.</param>
    /// <param name="limits">The backend's limits; each of those ahead takes two requests.</param>
    public static (int Before, int After) Asks(int ahead, BackendLimits limits)
    {
        return (Count(Earlier), Count(a => PollSchedule.NextQueueCheck(a, limits)));

        int Count(Func<int, TimeSpan> next)
        {
            var asks = 1;
            var perSecond = limits.RequestsPerMinute!.Value / 2.0 / 60;
            for (double left = ahead; left > 0; asks++)
            {
                var wait = next((int)left).TotalSeconds;
                if (wait >= left / perSecond)
                {
                    break; // called before
                }

                left -= wait * perSecond;
            }

            return asks;
        }

        static TimeSpan Earlier(int ahead) => TimeSpan.FromSeconds(Math.Clamp(ahead, 10, 300));
    }

    /// <summary>How many wake-ups each leaving prediction sends.</summary>
    /// <param name="places">How many run at once.</param>
    /// <param name="late">How many others leave before one that was called has come.</param>
    public static (double Before, double After) WakeUps(int places, int late)
    {
        const int Leaves = 500;
        var limits = new BackendLimits(null, places, TimeSpan.FromSeconds(30), false);
        var ids = Enumerable.Range(0, places + Leaves).Select(i => $"{i:000000}").ToList();
        var books = LedgerState.Empty with
        {
            Running = [.. ids.Take(places).Select(id => new Place(id, Now + Deadline, Called: false))],
            Waiting = [.. ids.Skip(places)],
        };
        var (before, after) = (0, 0);
        for (var i = 0; i < Leaves; i++)
        {
            var from = books;
            books = books.Leave(ids[i], null, Now, limits);
            before += books.Called.Count;
            after += books.ToWake(from, ids[i], Now).Count;
            if (i >= late)
            {
                (books, _) = books.Enter(ids[places + i - late], Now + Deadline, Now, limits);
            }
        }

        return ((double)before / Leaves, (double)after / Leaves);
    }
}
