using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// The in-memory side of the engine: what is ready, what is due, who waits. Rebuilt from the tables by <see cref="StartAsync"/>, in pages and up to
/// fixed capacities, so that neither start nor memory depend on how much the file holds.
/// </summary>
internal sealed partial class Schedules : IAsyncDisposable
{
    private const int InstanceCapacity = 10_000;
    private const int ActivityCapacity = 1_000;
    private const int PageSize = 1_000;

    private readonly ILogger _logger;
    private readonly SqliteReaders _readers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;

    public Schedules(
        SqliteReaders readers,
        TimeProvider time,
        ILogger logger,
        int instanceCapacity = InstanceCapacity,
        int activityCapacity = ActivityCapacity
    )
    {
        _readers = readers;
        _time = time;
        _logger = logger;
        Instances = new InstanceScheduler(time, instanceCapacity) { RoomAgain = () => _ = Task.Run(RefillAsync) };
        Activities = new ActivityQueue(time, activityCapacity)
        {
            LoadMore = (after, count) => _ = Task.Run(() => LoadActivitiesAsync(after, count)),
        };
        Timers = new DueTimers(readers, Instances, time, logger);
    }

    public InstanceScheduler Instances { get; }

    public ActivityQueue Activities { get; }

    public DueTimers Timers { get; }

    public CompletionWaiters Waiters { get; } = new();

    /// <summary>Called with the key of an instance of which an activity cannot be read, and why.</summary>
    public Func<long, Exception, Task>? UnreadableActivity { get; set; }

    /// <summary>Announces what the tables hold.</summary>
    public async Task StartAsync()
    {
        Timers.Start();
        Activities.Restart();
        await RefillAsync();
    }

    public void Stop() => Timers.Stop();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Timers.DisposeAsync();
        Activities.Dispose();
        Instances.Dispose();
    }

    /// <summary>Notifies every instance with visible messages, as far as the queue has room; those already queued are not affected.</summary>
    private async Task RefillAsync()
    {
        try
        {
            long after = 0;
            List<long> keys;
            do
            {
                var from = after;
                var now = _time.GetUtcNow().UtcTicks;
                keys = await _readers.RunAsync(
                    session => Inbox.ReadKeysWithMessages(session, from, now, PageSize),
                    _stopping.Token
                );
                foreach (var key in keys)
                {
                    if (!Instances.Notify(key))
                    {
                        return;
                    }

                    after = key;
                }
            } while (keys.Count == PageSize);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested) { }
#pragma warning disable CA1031 // Boundary of a background task: logged and tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.LoadFailed(_logger, e);
            await RetryAsync(RefillAsync);
        }
    }

    private async Task LoadActivitiesAsync(long after, int count)
    {
        try
        {
            var rows = await _readers.RunAsync(
                session => Sqlite.Activities.ReadAfter(session, after, count),
                _stopping.Token
            );
            var activities = new List<QueuedActivity>(rows.Count);
            foreach (var row in rows)
            {
                if (await ReadAsync(row) is { } activity)
                {
                    activities.Add(activity);
                }
            }

            Activities.Loaded(after, activities, moreInTable: rows.Count == count);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested) { }
#pragma warning disable CA1031 // Boundary of a background task: logged and tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.LoadFailed(_logger, e);
            await RetryAsync(() => LoadActivitiesAsync(after, count));
        }
    }

    /// <summary>Reads a stored activity; one that cannot be read ends its instance instead of standing in the way of all others.</summary>
    private async Task<QueuedActivity?> ReadAsync(ActivityRow row)
    {
        try
        {
            var message = HistorySerializer.DeserializeMessage(row.Json);
            return new QueuedActivity(row.Id, row.InstanceKey, row.Attempts, row.ChargedIn, message);
        }
        catch (Exception e) when (HistorySerializer.IsUnreadable(e))
        {
            await (UnreadableActivity?.Invoke(row.InstanceKey, e) ?? Task.CompletedTask);
            return null;
        }
    }

    private async Task RetryAsync(Func<Task> action)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await action();
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "Reading pending work failed; trying again in a second.")]
        public static partial void LoadFailed(ILogger logger, Exception exception);
    }
}
