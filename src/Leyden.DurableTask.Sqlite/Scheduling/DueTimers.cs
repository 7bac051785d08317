using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Wakes instances when their timer messages become visible. Timers live in the inbox; in memory is only the time of the next one, so that a
/// million sleeping instances cost nothing here. One pump runs at a time; it reads due messages in pages and notifies the scheduler.
/// </summary>
internal sealed partial class DueTimers : IAsyncDisposable
{
    private const int PageSize = 1000;

    /// <summary>
    /// The system's timers stand still while the machine is suspended, the clock does not, and it may be set: look at it now and then.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly SqliteReaders _readers;
    private readonly InstanceScheduler _scheduler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>Messages up to here (time, then message id) have been announced.</summary>
    private (long Ticks, long MessageId) _announced;
    private long _next = long.MaxValue;
    private Task _pump = Task.CompletedTask;
    private bool _pumping;
    private bool _started;

    public DueTimers(SqliteReaders readers, InstanceScheduler scheduler, TimeProvider time, ILogger logger)
    {
        _readers = readers;
        _scheduler = scheduler;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Announces everything that is due, also what became so while no process ran, and from then on each timer when it is.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _started = true;
            _announced = default;
            _next = 0;
            Arm();
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _started = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Says that a message becomes visible at this time (UTC ticks). Call after its commit.</summary>
    public void Schedule(long ticks)
    {
        lock (_lock)
        {
            if (ticks <= _announced.Ticks)
            {
                // Only after the clock was set back: look there again. Announcing twice is harmless.
                _announced = (ticks - 1, long.MaxValue);
            }

            if (ticks < _next)
            {
                _next = ticks;
                Arm();
            }
        }
    }

    /// <summary>Completes when no pump is running.</summary>
    public Task IdleAsync()
    {
        lock (_lock)
        {
            return _pump;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _stopping.CancelAsync();
        await IdleAsync();
        await _timer.DisposeAsync();
        _stopping.Dispose();
    }

    private void Arm()
    {
        if (!_started || _pumping || _next == long.MaxValue)
        {
            // A running pump arms when it ends.
            return;
        }

        var wait = TimeSpan.FromTicks(Math.Max(0, _next - Now()));
        // Timers count in milliseconds and cut fractions off: one more, or it would wake too early and spin.
        wait = wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : wait;
        _timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        lock (_lock)
        {
            if (_started && !_pumping)
            {
                _pumping = true;
                _pump = Task.Run(PumpAsync);
            }
        }
    }

    private async Task PumpAsync()
    {
        long next;
        lock (_lock)
        {
            // From here on Schedule records what this pump may not see: a message committed after its reads.
            _next = long.MaxValue;
        }

        try
        {
            next = await AnnounceDueAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // Boundary: a failed read must not end the timers; it is logged and repeated.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.PumpFailed(_logger, e, RetryAfterFailure);
            next = Now() + RetryAfterFailure.Ticks;
        }

        lock (_lock)
        {
            _pumping = false;
            _next = Math.Min(_next, next);
            Arm();
        }
    }

    /// <summary>Announces what is due and returns when the next message will be (ticks; the maximum for never).</summary>
    private async Task<long> AnnounceDueAsync()
    {
        while (true)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            (long Ticks, long MessageId) from;
            lock (_lock)
            {
                from = _announced;
            }

            var now = Now();
            var (due, next) = await _readers.RunAsync(
                session => Inbox.ReadDue(session, from, now, PageSize),
                _stopping.Token
            );
            foreach (var message in due)
            {
                _scheduler.Notify(message.InstanceKey);
            }

            lock (_lock)
            {
                // Unless Schedule has moved it back meanwhile.
                if (_announced == from && due.Count > 0)
                {
                    _announced = (due[^1].VisibleFrom, due[^1].MessageId);
                }
            }

            if (due.Count < PageSize)
            {
                return next ?? long.MaxValue;
            }
        }
    }

    private long Now() => _time.GetUtcNow().UtcTicks;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Reading the due timers failed; trying again in {Delay}.")]
        public static partial void PumpFailed(ILogger logger, Exception exception, TimeSpan delay);
    }
}
