using Leyden.Backends;
using Leyden.Orchestration;

namespace Leyden.Tests.Backends;

public sealed class RunTimesTests
{
    private static readonly PollSchedule Polls = new(Randomness.Create());

    [Fact]
    public void The_estimate_covers_most_of_the_recent_runs_of_the_same_kind()
    {
        var times = RunTimes.Empty;
        foreach (var number in Enumerable.Range(1, 100))
        {
            var took = TimeSpan.FromSeconds(number % 10 == 0 ? 9 : 2);
            times = times.With(new RunSample("m", "small", took, took, FirstLookWasEarly: false));
        }

        Assert.Equal(TimeSpan.FromSeconds(2), times.Estimate("m", "small"));
        Assert.Equal(TimeSpan.FromSeconds(2), times.Estimate("m", "never seen"));
        Assert.Null(times.Estimate("other", "small"));
    }

    [Theory]
    [InlineData(0.5, 0.00, 0.00)]
    [InlineData(2.0, 0.05, 0.00)]
    [InlineData(7.3, 0.20, 0.00)]
    [InlineData(2.0, 0.05, 0.40)]
    [InlineData(30, 2.00, 0.10)]
    public void Looks_come_soon_after_the_end_and_few_come_too_early(
        double runSeconds,
        double queueSeconds,
        double jitter
    )
    {
        var random = Randomness.Create();
        var times = RunTimes.Empty;
        var looks = 0;
        var late = new List<double>();
        const int Learning = 100;
        const int Measured = 400;
        for (var i = 0; i < Learning + Measured; i++)
        {
            var run = TimeSpan.FromSeconds(runSeconds * (1 + (jitter * (random.NextDouble() - 0.5))));
            var (sample, count) = Follow(times, run, run + TimeSpan.FromSeconds(queueSeconds));
            times = times.With(sample);
            if (i >= Learning)
            {
                looks += count;
                late.Add((sample.Seen - run).TotalSeconds - queueSeconds);
            }
        }

        Assert.InRange((double)looks / Measured, 1, 1.25); // one look would be perfect; a submission comes to it
        Assert.InRange(late.Order().ElementAt(Measured / 2), 0, 0.15 + (runSeconds * jitter));
    }

    [Fact]
    public void Without_the_backends_own_time_the_moment_is_found_all_the_same()
    {
        var times = RunTimes.Empty;
        var looks = 0;
        for (var i = 0; i < 200; i++)
        {
            var (sample, count) = Follow(times, null, TimeSpan.FromSeconds(4));
            times = times.With(sample);
            looks += i >= 100 ? count : 0;
        }

        Assert.InRange(looks, 100, 150);
        Assert.InRange(times.Estimate("m", "w")!.Value.TotalSeconds, 3.8, 4.5);
    }

    /// <summary>Looks at one run as the orchestration does.</summary>
    private static (RunSample Sample, int Looks) Follow(RunTimes times, TimeSpan? predictTime, TimeSpan finished)
    {
        var at = PollSchedule.FirstLook(times, "m", "w");
        var early = 0;
        var lastUnfinished = TimeSpan.Zero;
        while (at < finished)
        {
            lastUnfinished = at;
            early++;
            at += Polls.NextLook(early, at);
        }

        var duration = PollSchedule.Learn(predictTime, lastUnfinished, at);
        return (new RunSample("m", "w", duration, at, early > 0), early + 1);
    }
}
