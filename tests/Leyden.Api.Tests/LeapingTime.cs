namespace Leyden.Api.Tests;

/// <summary>The system's clock, which a test can put forward. Timers keep their pace.</summary>
public sealed class LeapingTime : TimeProvider
{
    private long _ticksAhead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticksAhead));

    public void Leap(TimeSpan by) => Interlocked.Add(ref _ticksAhead, by.Ticks);
}
