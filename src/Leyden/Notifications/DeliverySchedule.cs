using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>When a delivery is attempted again, and what follows from an answer.</summary>
public sealed class DeliverySchedule(IOptions<WebhookOptions> options, Random random)
{
    /// <summary>The longest wait that a receiver may ask for by <c>Retry-After</c>.</summary>
    public static readonly TimeSpan LongestAskedWait = TimeSpan.FromDays(1);

    private const double Jitter = 0.1;

    private readonly IReadOnlyList<TimeSpan> _waits =
        WebhookOptions.ParseSchedule(options.Value.Schedule) ?? throw new InvalidOperationException("No schedule.");

    /// <summary>When an event that has just been noted is attempted.</summary>
    public DateTimeOffset First(DateTimeOffset now) => now + Jittered(_waits[0]);

    /// <summary>What follows from an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="failures">How many attempts had failed before this one.</param>
    /// <param name="now">When the answer came.</param>
    public DeliveryVerdict Judge(ChannelAnswer answer, int failures, DateTimeOffset now)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Accepted:
                return new DeliveryVerdict.Delivered();
            case AnswerKind.Gone:
                return new DeliveryVerdict.Gone();
        }

        var next = failures + 1;
        if (next >= _waits.Count)
        {
            return new DeliveryVerdict.Park();
        }

        // A receiver that is overloaded gets the longer wait of the attempt after.
        var wait = answer.Kind == AnswerKind.Throttled && next + 1 < _waits.Count ? _waits[next + 1] : _waits[next];
        var asked = answer.RetryAfter ?? TimeSpan.Zero;
        asked = asked > LongestAskedWait ? LongestAskedWait : asked;
        wait = Jittered(wait);
        return new DeliveryVerdict.Repeat(now + (asked > wait ? asked : wait));
    }

    private TimeSpan Jittered(TimeSpan wait) => wait * (1 + (Jitter * ((2 * random.NextDouble()) - 1)));
}
