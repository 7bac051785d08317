using CsCheck;
using Leyden.Backends;

namespace Leyden.Tests.Backends.Routing;

public sealed class BackendHealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RoutingRule Rule = new();

    [Fact]
    public void It_opens_after_three_failures_in_a_row_and_one_tries_after_the_pause()
    {
        var two = Fail(Fail(BackendHealth.Empty));
        var open = Fail(two);
        var later = Now + Rule.BreakerPause;

        Assert.False(two.IsOutFor("a", Now));
        Assert.True(open.IsOutFor("a", Now));
        Assert.Null(open.Probed("a", Now));
        Assert.False(open.IsOutFor("a", later));
        var probed = open.Probed("a", later)!;
        Assert.False(probed.IsOutFor("a", later));
        Assert.True(probed.IsOutFor("b", later));
        Assert.Null(probed.Probed("b", later));
        Assert.True(probed.Succeeded(later).IsWell);
    }

    [Fact]
    public void A_success_between_failures_keeps_it_closed()
    {
        var health = Fail(Fail(Fail(Fail(BackendHealth.Empty)).Succeeded(Now)));

        Assert.False(health.IsOutFor("a", Now));
    }

    [Fact]
    public void A_probe_that_fails_opens_it_for_twice_as_long_and_one_that_never_ends_is_replaced()
    {
        var open = Fail(Fail(Fail(BackendHealth.Empty)));
        var later = Now + Rule.BreakerPause;
        var probed = open.Probed("a", later)!;

        var again = probed.Failed("told to fail", isLasting: false, later, Rule);

        Assert.Equal(later + (2 * Rule.BreakerPause), again.OpenUntil);
        Assert.NotNull(probed.Probed("b", later + TimeSpan.FromMinutes(3)));
    }

    [Fact]
    public void What_will_not_pass_by_itself_opens_it_at_once() =>
        Assert.True(BackendHealth.Empty.Failed("broken", isLasting: true, Now, Rule).IsOutFor("a", Now));

    [Fact]
    public void However_long_it_fails_it_is_tried_every_ten_minutes_and_by_one_only() =>
        Gen.Int[0, 3]
            .Array[1, 200]
            .Sample(steps =>
            {
                var (health, now) = (BackendHealth.Empty, Now);
                foreach (var step in steps)
                {
                    now += TimeSpan.FromSeconds(step * 20);
                    health =
                        step == 0
                            ? health.Failed("told to fail", isLasting: false, now, Rule)
                            : health.Probed($"p{step}", now) ?? health;
                    Assert.True(health.OpenUntil is null || health.OpenUntil <= now + TimeSpan.FromMinutes(10));
                    var admitted = Enumerable.Range(0, 5).Count(i => !health.IsOutFor($"p{i}", now));
                    Assert.True(health.ProbeBy is null || now >= health.ProbeUntil || admitted <= 1);
                }
            });

    private static BackendHealth Fail(BackendHealth health) =>
        health.Failed("told to fail", isLasting: false, Now, Rule);
}
