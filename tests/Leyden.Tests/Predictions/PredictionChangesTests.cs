using Leyden.Predictions;

namespace Leyden.Tests.Predictions;

public sealed class PredictionChangesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private readonly PredictionChanges _changes = new();
    private readonly PredictionId _id = PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_told_also_after_waits_that_ran_out()
    {
        using var watch = _changes.Begin(_id);
        await watch.NextAsync(Soon, TimeProvider.System, Stop);
        await watch.NextAsync(Soon, TimeProvider.System, Stop);

        var wait = watch.NextAsync(Never, TimeProvider.System, Stop);
        Assert.False(wait.IsCompleted);
        _changes.Tell(_id);

        await wait;
    }

    [Fact]
    public async Task A_change_between_two_waits_is_not_missed_and_is_told_once()
    {
        using var watch = _changes.Begin(_id);
        _changes.Tell(_id);
        _changes.Tell(_id);

        await watch.NextAsync(Never, TimeProvider.System, Stop);

        Assert.False(watch.NextAsync(Never, TimeProvider.System, Stop).IsCompleted);
    }

    [Fact]
    public async Task Everybody_who_watches_is_told_and_nobody_of_another_prediction()
    {
        using var first = _changes.Begin(_id);
        using var second = _changes.Begin(_id);
        using var other = _changes.Begin(PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create()));
        var untold = other.NextAsync(Never, TimeProvider.System, Stop);

        _changes.Tell(_id);

        await first.NextAsync(Never, TimeProvider.System, Stop);
        await second.NextAsync(Never, TimeProvider.System, Stop);
        Assert.False(untold.IsCompleted);
    }
}
