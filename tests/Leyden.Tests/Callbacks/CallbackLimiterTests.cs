using Leyden.Callbacks;
using Leyden.Predictions;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Tests.Callbacks;

public sealed class CallbackLimiterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CallbackLimiter _limiter;

    public CallbackLimiterTests() => _limiter = new CallbackLimiter(_time);

    [Fact]
    public void Two_pass_at_once_then_one_in_each_interval()
    {
        var id = NewId();

        Assert.Equal([true, true, false, false], Pass(id, 4));
        _time.Advance(CallbackLimiter.Interval);
        Assert.Equal([true, false], Pass(id, 2));
        _time.Advance(CallbackLimiter.Interval * 10);
        Assert.Equal([true, true, false], Pass(id, 3));
    }

    [Fact]
    public void A_flood_for_one_prediction_takes_nothing_from_another()
    {
        Pass(NewId(), 1000);

        Assert.Equal([true], Pass(NewId(), 1));
    }

    [Fact]
    public void What_it_remembers_is_bounded_and_forgotten_in_time()
    {
        var known = NewId();
        Pass(known, 1);
        var passed = Enumerable.Range(0, 20_000).Count(_ => _limiter.TryPass(NewId()));

        Assert.Equal(9_999, passed);
        Assert.Equal([true], Pass(known, 1));
        _time.Advance(CallbackLimiter.Interval);
        Assert.Equal([true], Pass(NewId(), 1));
    }

    private bool[] Pass(PredictionId id, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => _limiter.TryPass(id))];

    private static PredictionId NewId() => PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create());
}
