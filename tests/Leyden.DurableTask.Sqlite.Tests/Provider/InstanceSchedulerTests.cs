using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class InstanceSchedulerTests : IDisposable
{
    private static readonly TimeSpan Now = TimeSpan.FromMilliseconds(200);
    private readonly InstanceScheduler _scheduler = new(TimeProvider.System, capacity: 10_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _scheduler.Dispose();

    [Fact]
    public async Task An_instance_that_was_notified_often_is_handed_out_once()
    {
        _scheduler.Notify(1);
        _scheduler.Notify(1);

        Assert.Equal(1, await _scheduler.TakeAsync(Now, Cancel));
        Assert.Null(await _scheduler.TakeAsync(Now, Cancel));
    }

    [Fact]
    public async Task A_locked_instance_is_not_handed_out_but_a_notify_meanwhile_is_not_lost()
    {
        _scheduler.Notify(1);
        await _scheduler.TakeAsync(Now, Cancel);

        _scheduler.Notify(1);
        Assert.Null(await _scheduler.TakeAsync(Now, Cancel));
        _scheduler.Unlock(1);

        Assert.Equal(1, await _scheduler.TakeAsync(Now, Cancel));
    }

    [Fact]
    public async Task An_instance_that_is_unlocked_without_news_is_forgotten()
    {
        _scheduler.Notify(1);
        await _scheduler.TakeAsync(Now, Cancel);

        _scheduler.Unlock(1);

        Assert.Equal(0, _scheduler.ActiveCount);
    }

    [Fact]
    public async Task An_instance_that_backs_off_comes_back_after_the_delay_and_not_before()
    {
        var time = new FakeTimeProvider();
        using var scheduler = new InstanceScheduler(time, 10);
        scheduler.Notify(1);
        await scheduler.TakeAsync(Now, Cancel);

        scheduler.BackOff(1, TimeSpan.FromSeconds(10));
        scheduler.Unlock(1);
        scheduler.Notify(1);
        var next = scheduler.TakeAsync(TimeSpan.FromHours(1), Cancel);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, await next.WaitAsync(EngineHarness.Patience, Cancel));
    }

    [Fact]
    public async Task A_wait_for_work_ends_with_null_on_cancellation()
    {
        using var cancel = new CancellationTokenSource();
        var next = _scheduler.TakeAsync(TimeSpan.FromHours(1), cancel.Token);

        await cancel.CancelAsync();

        Assert.Null(await next);
        Assert.Null(await _scheduler.TakeAsync(TimeSpan.FromHours(1), cancel.Token));
    }

    [Fact]
    public async Task A_full_queue_says_so_and_asks_for_more_when_half_empty()
    {
        var asked = 0;
        using var scheduler = new InstanceScheduler(TimeProvider.System, capacity: 4) { RoomAgain = () => asked++ };
        Assert.All(Enumerable.Range(1, 4), key => Assert.True(scheduler.Notify(key)));

        Assert.False(scheduler.Notify(5));
        await scheduler.TakeAsync(Now, Cancel);
        Assert.Equal(0, asked);
        await scheduler.TakeAsync(Now, Cancel);

        Assert.Equal(1, asked);
        Assert.True(scheduler.Notify(5));
    }

    /// <summary>
    /// Producers put messages into inboxes and notify; workers take an instance, empty its inbox, unlock. Whatever the interleaving: never two
    /// workers in one instance, and no message left over.
    /// </summary>
    [Fact]
    public async Task Under_contention_no_instance_has_two_workers_and_no_message_is_left()
    {
        const int instances = 20;
        const int messages = 20_000;
        var inboxes = Enumerable.Range(0, instances).Select(_ => new ConcurrentQueue<int>()).ToArray();
        var working = new int[instances];
        var consumed = 0;
        var doubled = 0;
        var done = new TaskCompletionSource();

        async Task WorkAsync()
        {
            while (await _scheduler.TakeAsync(TimeSpan.FromSeconds(30), Cancel) is { } key)
            {
                if (Interlocked.Increment(ref working[key]) != 1)
                {
                    Interlocked.Increment(ref doubled);
                }

                while (inboxes[key].TryDequeue(out _))
                {
                    if (Interlocked.Increment(ref consumed) == messages)
                    {
                        done.SetResult();
                    }
                }

                await Task.Yield();
                Interlocked.Decrement(ref working[key]);
                _scheduler.Unlock(key);
                if (done.Task.IsCompleted)
                {
                    return;
                }
            }
        }

        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(WorkAsync, Cancel)).ToList();
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(producer =>
                    Task.Run(
                        () =>
                        {
                            for (var i = producer; i < messages; i += 4)
                            {
                                inboxes[i % instances].Enqueue(i);
                                _scheduler.Notify(i % instances);
                            }
                        },
                        Cancel
                    )
                )
        );

        await done.Task.WaitAsync(EngineHarness.Patience, Cancel);
        Assert.Equal(0, doubled);
        Assert.Equal(messages, consumed);
        // Wakes the workers that still wait, so that they see the end.
        foreach (var key in Enumerable.Range(instances, workers.Count))
        {
            _scheduler.Notify(key % instances);
        }
    }
}
