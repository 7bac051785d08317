namespace Leyden.Tests.Backends;

/// <summary>A clock that is put forward by whoever has to wait; pauses between tries pass in real time.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>Puts it forward; never back.</summary>
    public void ReachAtLeast(DateTimeOffset moment)
    {
        for (var now = Interlocked.Read(ref _ticks); now < moment.UtcTicks; now = Interlocked.Read(ref _ticks))
        {
            Interlocked.CompareExchange(ref _ticks, moment.UtcTicks, now);
        }
    }
}
