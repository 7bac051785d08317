using DurableTask.Core;
using DurableTask.Core.History;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

/// <summary>The in-memory schedules over real tables, with a clock that the test moves and capacities so small that they overflow.</summary>
public sealed class SchedulesTests : IAsyncLifetime
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("leyden-engine-");
    private readonly SqliteReaders _readers;
    private readonly Run _run;
    private readonly Schedules _schedules;
    private readonly SqliteSession _session;
    private readonly FakeTimeProvider _time = new();

    public SchedulesTests()
    {
        var path = Path.Combine(_directory.FullName, "x.db");
        _session = SqliteSession.Open(path, SqliteSynchronous.Normal, readOnly: false);
        Schema.Migrate(_session, path);
        _run = Run.Begin(_session);
        _readers = new SqliteReaders(path);
        _schedules = new Schedules(_readers, _time, NullLogger.Instance, instanceCapacity: 4, activityCapacity: 4);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _schedules.DisposeAsync();
        await _readers.DisposeAsync();
        _session.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task All_instances_with_messages_are_handed_out_although_the_queue_holds_only_four()
    {
        for (var key = 1; key <= 100; key++)
        {
            Insert(key, visibleFrom: 0);
        }

        await _schedules.StartAsync();

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), await DrainAsync(100));
    }

    [Fact]
    public async Task Notifications_that_overflow_the_queue_are_made_up_for_from_the_table()
    {
        await _schedules.StartAsync();
        for (var key = 1; key <= 50; key++)
        {
            Insert(key, visibleFrom: 0);
            _schedules.Instances.Notify(key);
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), await DrainAsync(50));
    }

    [Fact]
    public async Task A_timer_is_announced_when_it_is_due_and_not_before()
    {
        await _schedules.StartAsync();
        ScheduleIn(TimeSpan.FromMinutes(10), key: 1);
        ScheduleIn(TimeSpan.FromMinutes(5), key: 2);
        var first = _schedules.Instances.TakeAsync(Forever, Cancel);

        await AdvanceAsync(TimeSpan.FromMinutes(4.9));
        Assert.False(first.IsCompleted);
        await AdvanceAsync(TimeSpan.FromMinutes(0.2));

        Assert.Equal(2, await first.WaitAsync(EngineHarness.Patience, Cancel));
        var second = _schedules.Instances.TakeAsync(Forever, Cancel);
        await AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await second.WaitAsync(EngineHarness.Patience, Cancel));
    }

    [Fact]
    public async Task A_timer_far_in_the_future_is_waited_for_in_steps()
    {
        await _schedules.StartAsync();
        ScheduleIn(TimeSpan.FromDays(30), key: 1);
        var take = _schedules.Instances.TakeAsync(TimeSpan.FromDays(40), Cancel);

        for (var hours = 0; hours < 30 * 24 && !take.IsCompleted; hours += 12)
        {
            await AdvanceAsync(TimeSpan.FromHours(12));
        }

        await AdvanceAsync(TimeSpan.FromHours(12));
        Assert.Equal(1, await take.WaitAsync(EngineHarness.Patience, Cancel));
    }

    [Fact]
    public async Task A_timer_set_after_the_clock_went_back_still_fires()
    {
        await _schedules.StartAsync();
        ScheduleIn(TimeSpan.FromMinutes(10), key: 1);
        await AdvanceAsync(TimeSpan.FromMinutes(11));
        Assert.Equal(
            1,
            await _schedules.Instances.TakeAsync(Forever, Cancel).WaitAsync(EngineHarness.Patience, Cancel)
        );
        Delete();

        _time.AdjustTime(_time.GetUtcNow() - TimeSpan.FromMinutes(8));
        ScheduleIn(TimeSpan.FromMinutes(2), key: 2);
        await AdvanceAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(
            2,
            await _schedules.Instances.TakeAsync(Forever, Cancel).WaitAsync(EngineHarness.Patience, Cancel)
        );
    }

    [Fact]
    public async Task Activities_beyond_the_capacity_are_loaded_in_their_turn()
    {
        for (var i = 0; i < 30; i++)
        {
            InsertActivity();
        }

        await _schedules.StartAsync();

        for (var id = 1; id <= 30; id++)
        {
            var activity = await _schedules
                .Activities.TakeAsync(Forever, Cancel)
                .WaitAsync(EngineHarness.Patience, Cancel);
            Assert.Equal(id, activity!.Id);
        }
    }

    /// <summary>
    /// Works until so many instances have been handed out. One may come twice, when the table was read just before its messages were
    /// consumed; then it has none.
    /// </summary>
    private async Task<SortedSet<long>> DrainAsync(int count)
    {
        var keys = new SortedSet<long>();
        while (keys.Count < count)
        {
            var key = (
                await _schedules.Instances.TakeAsync(Forever, Cancel).WaitAsync(EngineHarness.Patience, Cancel)
            )!.Value;
            _session.Execute("DELETE FROM inbox WHERE instance_key=$0", key);
            _schedules.Instances.Unlock(key);
            keys.Add(key);
        }

        return keys;
    }

    private void ScheduleIn(TimeSpan delay, long key)
    {
        var at = (_time.GetUtcNow() + delay).UtcTicks;
        Insert(key, at);
        _schedules.Timers.Schedule(at);
    }

    private void Insert(long key, long visibleFrom) => Inbox.Insert(_session, _run, key, null, visibleFrom, [1]);

    private void Delete() => _session.Execute("DELETE FROM inbox");

    private void InsertActivity() =>
        Activities.Insert(
            _session,
            _run,
            1,
            HistorySerializer.Serialize(
                new TaskMessage
                {
                    OrchestrationInstance = new OrchestrationInstance { InstanceId = "i" },
                    Event = new TaskScheduledEvent(0, "a"),
                }
            )
        );

    /// <summary>Moves the clock, and lets pumps that are under way finish: they run on other threads.</summary>
    private async Task AdvanceAsync(TimeSpan step)
    {
        await _schedules.Timers.IdleAsync();
        _time.Advance(step);
        await _schedules.Timers.IdleAsync();
    }
}
