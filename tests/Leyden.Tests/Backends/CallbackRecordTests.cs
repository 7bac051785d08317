using System.Text.Json;
using Leyden.Backends;
using Leyden.Orchestration;

namespace Leyden.Tests.Backends;

public sealed class CallbackRecordTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("++", false)]
    [InlineData("+++", true)]
    [InlineData("+.+..+", true)] // a look that was faster shows nothing
    [InlineData("+++.", true)]
    [InlineData("++++++-", false)]
    [InlineData("++++++-++", false)]
    [InlineData("+++-+++", true)]
    [InlineData("-----", false)]
    public void Reports_are_relied_on_after_three_in_a_row_until_one_fails_to_come(string reports, bool works)
    {
        var record = CallbackRecord.Empty;
        foreach (var report in reports)
        {
            record = record.With(report == '.' ? null : report == '+');
        }

        Assert.Equal(works, record.Works);
        var json = JsonSerializer.Serialize(LedgerState.Empty with { Callbacks = record }, LeydenJson.Options);
        Assert.Equal(works, JsonSerializer.Deserialize<LedgerState>(json, LeydenJson.Options)!.Callbacks.Works);
    }

    [Fact]
    public void Books_from_before_there_were_reports_rely_on_none() =>
        Assert.False(JsonSerializer.Deserialize<LedgerState>("{}", LeydenJson.Options)!.Callbacks.Works);

    [Fact]
    public void Who_leaves_teaches_once()
    {
        var limits = new BackendLimits(null, null, TimeSpan.FromSeconds(1), ResubmitUnknown: false);
        var now = DateTimeOffset.UnixEpoch;
        var run = new RunSample("m", "w", null, TimeSpan.FromSeconds(2), null, Report: true);
        var (state, _) = LedgerState.Empty.Enter("a", now.AddMinutes(1), now, limits);

        state = state.Leave("a", run, now, limits).Leave("a", run, now, limits);

        Assert.Equal(1, state.Callbacks.InARow);
        Assert.Empty(state.RunTimes.Workloads); // its duration was not known
    }

    [Theory]
    [InlineData(0.5, 4)]
    [InlineData(2, 7)]
    [InlineData(30, 63)]
    [InlineData(600, 663)]
    public void While_reports_come_the_first_look_waits_for_twice_the_usual_time_within_bounds(
        double usual,
        double expected
    )
    {
        var took = TimeSpan.FromSeconds(usual);
        var times = RunTimes.Empty with { Workloads = [new WorkloadTimes("m w", [usual], 0)] };

        Assert.Equal(took, PollSchedule.FirstLook(times, "m", "w"));
        Assert.Equal(TimeSpan.FromSeconds(expected), PollSchedule.FirstUnreported(times, "m", "w"));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(20, 10)]
    [InlineData(1000, 30)]
    public void Looks_that_find_it_unreported_and_unfinished_are_few(double elapsed, double wait) =>
        Assert.Equal(TimeSpan.FromSeconds(wait), PollSchedule.NextUnreported(TimeSpan.FromSeconds(elapsed)));

    [Fact]
    public void A_look_at_the_moment_of_the_report_shows_the_run_time_and_leaves_the_lag_of_looks_alone()
    {
        var found = TimeSpan.FromSeconds(3);
        Assert.Equal(found, PollSchedule.Learn(null, TimeSpan.FromSeconds(1), found, told: true));

        var times = RunTimes.Empty.With(new RunSample("m", "w", found, found, FirstLookWasEarly: true));
        var after = times.With(new RunSample("m", "w", found, found, FirstLookWasEarly: null));
        Assert.Equal(times.Workloads[0].Lag, after.Workloads[0].Lag);
        Assert.Equal(2, after.Workloads[0].Seconds.Count);
    }
}
