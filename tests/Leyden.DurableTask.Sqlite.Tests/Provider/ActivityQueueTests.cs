using DurableTask.Core;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class ActivityQueueTests : IDisposable
{
    private static readonly TimeSpan Now = TimeSpan.FromMilliseconds(200);
    private readonly List<(long After, int Count)> _asked = [];
    private readonly ActivityQueue _queue;
    private readonly FakeTimeProvider _time = new();

    public ActivityQueueTests() =>
        _queue = new ActivityQueue(TimeProvider.System, capacity: 4)
        {
            LoadMore = (after, count) => _asked.Add((after, count)),
        };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Activities_come_in_the_order_of_their_ids()
    {
        _queue.Restart();
        _queue.Loaded(0, Some(1, 2), moreInTable: false);
        _queue.Add(Some(3));

        Assert.Equal([1, 2, 3], await TakeAsync(3));
    }

    [Fact]
    public async Task What_does_not_fit_stays_in_the_table_and_is_loaded_when_there_is_room()
    {
        _queue.Restart();
        _queue.Loaded(0, [], moreInTable: false);
        _queue.Add(Some(1, 2, 3, 4, 5, 6));
        _asked.Clear();

        Assert.Equal([1, 2], await TakeAsync(2));
        Assert.Equal((4, 2), Assert.Single(_asked));
        _queue.Loaded(4, Some(5, 6), moreInTable: false);

        Assert.Equal([3, 4, 5, 6], await TakeAsync(4));
    }

    [Fact]
    public async Task What_is_committed_while_a_load_runs_is_neither_lost_nor_doubled()
    {
        _queue.Restart();
        _queue.Add(Some(3));
        _queue.Add(Some(4));
        // The load has read up to 3: it began before 4 was committed.
        _queue.Loaded(0, Some(1, 2, 3), moreInTable: false);
        Assert.Equal([1, 2, 3], await TakeAsync(3));

        Assert.Equal(3, _asked[^1].After);
        _queue.Loaded(3, Some(4), moreInTable: false);
        _queue.Add(Some(5));

        Assert.Equal([4, 5], await TakeAsync(2));
    }

    [Fact]
    public async Task What_is_discarded_while_a_load_runs_is_not_handed_out_but_what_follows_is()
    {
        _queue.Restart();
        _queue.Add([Activity(1, instance: 7), Activity(2, instance: 8)]);
        _queue.Discard(7);
        _queue.Add([Activity(3, instance: 7)]);
        // The load had read the first before it was deleted.
        _queue.Loaded(
            0,
            [Activity(1, instance: 7), Activity(2, instance: 8), Activity(3, instance: 7)],
            moreInTable: false
        );

        Assert.Equal([2, 3], await TakeAsync(2));
    }

    [Fact]
    public async Task An_activity_that_was_loaded_before_it_was_announced_is_not_doubled()
    {
        _queue.Restart();
        _queue.Loaded(0, Some(1, 2), moreInTable: false);
        _queue.Add(Some(2));
        _queue.Add(Some(3));

        Assert.Equal([1, 2, 3], await TakeAsync(3));
        Assert.Null(await _queue.TakeAsync(Now, Cancel));
    }

    [Fact]
    public async Task Activities_of_a_discarded_instance_are_not_handed_out()
    {
        _queue.Restart();
        _queue.Loaded(
            0,
            [Activity(1, instance: 7), Activity(2, instance: 8), Activity(3, instance: 7)],
            moreInTable: false
        );

        _queue.Discard(7);

        Assert.Equal([2], await TakeAsync(1));
        Assert.Null(await _queue.TakeAsync(Now, Cancel));
    }

    [Fact]
    public async Task A_retry_comes_after_its_delay()
    {
        using var queue = new ActivityQueue(_time, capacity: 4);
        queue.Retry(Activity(1), TimeSpan.FromSeconds(10));
        var next = queue.TakeAsync(TimeSpan.FromHours(1), Cancel);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, (await next.WaitAsync(EngineHarness.Patience, Cancel))!.Id);
    }

    [Fact]
    public async Task A_restart_begins_again_at_the_head_of_the_table()
    {
        _queue.Restart();
        _queue.Loaded(0, Some(1, 2), moreInTable: false);
        await TakeAsync(1);

        _queue.Restart();
        Assert.Equal((0, 4), _asked[^1]);
        _queue.Loaded(0, Some(1, 2), moreInTable: false);

        Assert.Equal([1, 2], await TakeAsync(2));
    }

    [Fact]
    public async Task A_load_from_before_a_restart_is_ignored()
    {
        _queue.Restart();
        _queue.Loaded(0, Some(1, 2), moreInTable: true);
        var before = _asked[^1].After;
        _queue.Restart();

        _queue.Loaded(before, Some(3, 4), moreInTable: false);
        _queue.Loaded(0, Some(1, 2, 3, 4), moreInTable: false);

        Assert.Equal([1, 2, 3, 4], await TakeAsync(4));
    }

    private static List<QueuedActivity> Some(params long[] ids) => [.. ids.Select(id => Activity(id))];

    private static QueuedActivity Activity(long id, long instance = 1) => new(id, instance, 1, 1, new TaskMessage());

    private async Task<List<long>> TakeAsync(int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
        {
            ids.Add((await _queue.TakeAsync(TimeSpan.FromSeconds(10), Cancel))!.Id);
        }

        return ids;
    }
}
