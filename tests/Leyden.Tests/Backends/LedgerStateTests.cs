using CsCheck;
using Leyden.Backends;

namespace Leyden.Tests.Backends;

public sealed class LedgerStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly BackendLimits Limits = new(60, 10, TimeSpan.FromSeconds(30), false);

    [Fact]
    public void Places_are_given_in_order_of_arrival_and_handed_on_without_a_gap()
    {
        var limits = Limits with { MaxConcurrent = 2 };
        var books = LedgerState.Empty;
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            (books, _) = books.Enter(id, Start.AddHours(1), Start, limits);
        }

        Assert.Equal((0, 1), (books.Ahead("c"), books.Ahead("d")));

        books = books.Leave("a", null, Start, limits);

        Assert.Equal(["c"], books.Called);
        var (_, newcomer) = books.Enter("e", Start.AddHours(1), Start, limits);
        Assert.Equal(new LedgerAnswer.Queued(1), newcomer); // behind d, although c has not come yet
    }

    [Fact]
    public void Who_was_accepted_earlier_is_called_earlier_whoever_asks_first()
    {
        var limits = Limits with { MaxConcurrent = 1 };
        var books = LedgerState.Empty;
        foreach (var id in new[] { "a", "d", "b", "c" })
        {
            (books, _) = books.Enter(id, Start.AddHours(1), Start, limits);
        }

        Assert.Equal(["b", "c", "d"], books.Waiting);
    }

    [Fact]
    public void Who_was_called_and_does_not_come_loses_the_place_to_the_next()
    {
        var limits = Limits with { MaxConcurrent = 1 };
        var books = LedgerState.Empty;
        foreach (var id in new[] { "a", "b", "c" })
        {
            (books, _) = books.Enter(id, Start.AddHours(1), Start, limits);
        }

        books = books.Leave("a", null, Start, limits);
        var late = Start + LedgerState.CallTimeout + TimeSpan.FromSeconds(1);
        var (_, answer) = books.Leave("nobody", null, late, limits).Enter("c", late.AddHours(1), late, limits);

        Assert.IsType<LedgerAnswer.Go>(answer);
    }

    [Fact]
    public void A_place_whose_holder_vanished_is_free_again_after_its_time()
    {
        var limits = Limits with { MaxConcurrent = 1 };
        var (books, _) = LedgerState.Empty.Enter("a", Start.AddMinutes(10), Start, limits);

        Assert.IsType<LedgerAnswer.Queued>(books.Enter("b", Start.AddHours(1), Start.AddMinutes(9), limits).Answer);
        Assert.IsType<LedgerAnswer.Go>(books.Enter("b", Start.AddHours(1), Start.AddMinutes(11), limits).Answer);
    }

    [Fact]
    public void No_window_of_a_minute_ever_holds_more_requests_than_the_limit() =>
        Gen.Select(Gen.Int[1, 20], Gen.Double[0, 12].Array[1, 150])
            .Sample(
                (perMinute, pauses) =>
                {
                    var made = Simulate(perMinute, pauses);
                    for (var i = perMinute; i < made.Count; i++)
                    {
                        Assert.True(
                            made[i] - made[i - perMinute] >= TimeSpan.FromMinutes(1),
                            $"request {i} is too early"
                        );
                    }

                    Assert.Equal(pauses.Length, made.Count); // and nobody was forgotten
                },
                iter: 300
            );

    [Fact]
    public void A_burst_is_spread_as_early_as_the_window_allows_and_in_order()
    {
        var made = Simulate(60, [.. Enumerable.Repeat(0.0, 180)]);

        Assert.Equal(60, made.Count(t => t == Start));
        Assert.Equal(60, made.Count(t => t == Start + LedgerState.Window));
        Assert.Equal(60, made.Count(t => t == Start + (2 * LedgerState.Window)));
    }

    [Fact]
    public void When_the_backend_asks_for_silence_nobody_speaks_before_its_end()
    {
        var books = LedgerState.Empty.Silence(Start.AddSeconds(20)).Silence(Start.AddSeconds(5));

        var (_, answer) = books.Enter("a", Start.AddHours(1), Start, Limits);

        Assert.Equal(new LedgerAnswer.Wait(Start.AddSeconds(20)), answer);
    }

    [Fact]
    public void A_repeated_leave_neither_frees_two_places_nor_teaches_twice()
    {
        var (books, _) = LedgerState.Empty.Enter("a", Start.AddHours(1), Start, Limits);
        var run = new RunSample("m", "w", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), false);

        var once = books.Leave("a", run, Start, Limits);
        var twice = once.Leave("a", run, Start, Limits);

        Assert.Equal([2.0], Assert.Single(twice.RunTimes.Workloads).Seconds);
    }

    /// <summary>Lets one after another ask after a pause, and each ask again at the moment that it was given.</summary>
    private static List<DateTimeOffset> Simulate(int perMinute, double[] pauses)
    {
        var limits = new BackendLimits(perMinute, null, TimeSpan.FromSeconds(30), false);
        var books = LedgerState.Empty;
        var agenda = new PriorityQueue<string, (DateTimeOffset, int)>();
        var made = new List<DateTimeOffset>();
        var at = Start;
        for (var i = 0; i < pauses.Length; i++)
        {
            at += TimeSpan.FromSeconds(pauses[i]);
            agenda.Enqueue($"p{i}", (at, i));
        }

        while (agenda.TryDequeue(out var id, out var when))
        {
            (books, var answer) = books.Request(id, when.Item1, limits);
            if (answer is LedgerAnswer.Wait wait)
            {
                Assert.True(wait.Until > when.Item1);
                agenda.Enqueue(id, (wait.Until, when.Item2));
            }
            else
            {
                made.Add(when.Item1);
            }
        }

        return made;
    }
}
