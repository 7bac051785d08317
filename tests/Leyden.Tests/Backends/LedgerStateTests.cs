using System.Text.Json;
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
        Gen.OneOf(
                Gen.Select(Gen.Int[1, 20], Gen.Double[0, 12].Array[1, 150]),
                Gen.Select(Gen.Int[241, 260], Gen.Double[0, 0.3].Array[400, 600])
            )
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

    [Fact]
    public void Books_of_a_high_limit_are_no_longer_than_those_of_a_low_one()
    {
        var limits = Limits with { RequestsPerMinute = 10_000 };
        var books = LedgerState.Empty;
        for (var i = 0; i < 10_000; i++)
        {
            (books, var answer) = books.Request($"p{i}", Start.AddMilliseconds(i), limits);
            Assert.IsType<LedgerAnswer.Go>(answer);
        }

        Assert.Equal(10_000, books.Requests.Sum(r => r.Number));
        Assert.InRange(books.Requests.Count, 1, 41);
        var (_, next) = books.Request("late", Start.AddSeconds(10), limits);
        Assert.IsType<LedgerAnswer.Wait>(next);
    }

    [Fact]
    public void Books_of_an_earlier_version_are_read()
    {
        const string Written = """
            {"running":[{"id":"a","until":"2026-11-24T13:00:00+00:00","called":false},{"id":"b","until":"2026-11-24T12:01:00+00:00","called":true}],
            "waiting":["c"],"requests":[{"time":"2026-11-24T12:00:00+00:00"},{"time":"2026-11-24T12:00:30+00:00","by":"a"}],
            "runTimes":{"workloads":[]},"callbacks":{}}
            """;

        var books = JsonSerializer.Deserialize<LedgerState>(Written, LeydenJson.Options)!;

        Assert.Equal(
            [new Place("a", Start.AddHours(1), false), new Place("b", Start.AddMinutes(1), true)],
            books.Running
        );
        Assert.Equal([1, 1], books.Requests.Select(r => r.Number));
        Assert.Equal(["c"], books.Waiting);
    }

    [Fact]
    public void Who_leaves_wakes_whom_that_calls_and_those_who_have_not_come_for_long()
    {
        var limits = Limits with { MaxConcurrent = 2 };
        var books = LedgerState.Empty;
        foreach (var id in new[] { "a", "b", "c", "d", "e" })
        {
            (books, _) = books.Enter(id, Start.AddHours(1), Start, limits);
        }

        var first = books.Leave("a", null, Start, limits);
        var second = first.Leave("b", null, Start.AddSeconds(1), limits);

        Assert.Equal(["c"], first.ToWake(books, "a", Start));
        Assert.Equal(["d"], second.ToWake(first, "b", Start.AddSeconds(1)));
        // The step that left was repeated: its wake-ups may be lost.
        Assert.Equal(["c", "d"], second.ToWake(second, "b", Start.AddSeconds(2)));

        var (came, _) = second.Enter("c", Start.AddHours(1), Start.AddSeconds(2), limits);
        var late = Start.AddSeconds(1) + LedgerState.CallPatience;
        Assert.Equal(["d", "e"], came.Leave("c", null, late, limits).ToWake(came, "c", late));
    }

    [Fact]
    public void What_changes_nothing_leaves_the_very_same_books()
    {
        var limits = Limits with { MaxConcurrent = 1, RequestsPerMinute = null };
        var (books, _) = LedgerState.Empty.Enter("a", Start.AddHours(1), Start, limits);
        (books, _) = books.Enter("b", Start.AddHours(1), Start, limits);

        Assert.Same(books, books.Enter("a", Start.AddHours(1), Start, limits).State);
        Assert.Same(books, books.Enter("b", Start.AddHours(1), Start, limits).State);
        Assert.Same(books, books.Request("a", Start, limits).State);
        Assert.Same(books, books.Leave("c", null, Start, limits));
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
