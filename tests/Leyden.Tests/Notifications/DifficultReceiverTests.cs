using System.Globalization;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Net;
using Leyden.Tests.Orchestration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Leyden.Tests.Notifications;

/// <summary>Receivers that are slow, wordy, overloaded, absent or hostile.</summary>
public sealed class DifficultReceiverTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_does_not_answer_in_time_is_told_again()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (context, number) =>
        {
            if (number == 1)
            {
                await Task.Delay(TimeSpan.FromMinutes(5), TimeProvider.System, context.RequestAborted);
            }
        };

        var attempts = await AttemptsAsync(receiver.Url);

        Assert.Equal([null, 200], attempts.Select(a => a.Status));
        Assert.Contains("within 1 s", attempts[0].Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whose_answer_never_ends_is_told_again()
    {
        await using var server = new RawServer(async exchange =>
        {
            if (exchange.Number > 1)
            {
                await exchange.AnswerAsync(200, "");
                return;
            }

            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun");
            await Task.Delay(TimeSpan.FromMinutes(5), TimeProvider.System, exchange.Stop);
        });

        var attempts = await AttemptsAsync($"{server.BaseUrl}hook");

        Assert.Equal([null, 200], attempts.Select(a => a.Status));
    }

    [Fact]
    public async Task Of_a_huge_answer_only_the_beginning_is_read_and_kept()
    {
        var written = 0L;
        await using var server = new RawServer(async exchange =>
        {
            // On the bare socket: a web server would go on taking what nobody reads until it notices that the client has left.
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            var chunk = new string('x', 64 * 1024);
            while (written < 1_000_000_000)
            {
                await exchange.SendAsync(chunk);
                written += chunk.Length;
            }
        });

        var attempt = Assert.Single(await AttemptsAsync($"{server.BaseUrl}hook"));

        Assert.Equal((200, 300), (attempt.Status, attempt.Answer!.Length));
        Assert.InRange(written, 0, 500_000_000);
    }

    [Fact]
    public async Task Of_what_it_says_control_characters_are_not_kept()
    {
        await using var server = RawServer.Answering(200, "\u001b[31mred\r\nand\0more");

        var attempt = Assert.Single(await AttemptsAsync($"{server.BaseUrl}hook"));

        Assert.DoesNotContain(attempt.Answer!, char.IsControl);
    }

    [Fact]
    public async Task One_that_breaks_off_is_told_again()
    {
        await using var server = new RawServer(exchange =>
        {
            if (exchange.Number == 1)
            {
                exchange.Reset();
                return Task.CompletedTask;
            }

            return exchange.AnswerAsync(204, "");
        });

        var attempts = await AttemptsAsync($"{server.BaseUrl}hook");

        Assert.Equal(204, attempts[^1].Status);
        Assert.All(attempts.SkipLast(1), a => Assert.NotNull(a.Fault));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.FailFirst(1, StatusCodes.Status308PermanentRedirect, ("Location", elsewhere.Url));

        var attempts = await AttemptsAsync(receiver.Url);

        Assert.Equal([308, 204], attempts.Select(a => a.Status!.Value));
        Assert.Equal("Redirects are not followed.", attempts[0].Fault);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task One_inside_is_never_called_even_if_the_name_led_outside_before()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync(
            settings: [("Leyden:AllowLoopback", "false"), ("Leyden:Webhooks:Schedule", "0s,0.05s")]
        );
        // As if it had been accepted under another address: what is stored is judged again at each attempt.
        var accepted = await world.CreateAsync();
        await world.EndAsync(accepted.Id);
        var store = world.Get<IObjectStore>();
        var ended = await world.Store.FindAsync(Owner.Local, accepted.Id, Stop);
        var told = ended! with
        {
            Subscriptions =
            [
                new(Subscription.WebhookName, ChannelKind.Webhook, receiver.Url, PredictionEventWords.Ends),
            ],
        };
        await store.PutJsonAsync(PredictionKeys.Record(Owner.Local, told.Id), told, WriteCondition.None, Stop);
        var couriers = await world.Get<Outbox>().AppendAsync(told, PredictionEvent.Succeeded, Stop);
        await world.Get<DeliveryScheduler>().StartAsync(couriers, world.Client, Stop);

        var log = await world.QuietAsync(told.Id);

        Assert.Equal(TargetState.Parked, log.State);
        Assert.All(
            log.Entries[0].Attempts,
            a => Assert.Contains("not on the public internet", a.Fault, StringComparison.Ordinal)
        );
        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData(AnswerKind.Failed, 0, 5)]
    [InlineData(AnswerKind.Failed, 1, 300)]
    [InlineData(AnswerKind.Failed, 2, 1800)]
    [InlineData(AnswerKind.Failed, 8, 86400)]
    [InlineData(AnswerKind.Throttled, 0, 300)]
    [InlineData(AnswerKind.Throttled, 8, 86400)]
    public void The_waits_are_those_of_the_specification_with_jitter(AnswerKind kind, int failures, int seconds)
    {
        var schedule = new DeliverySchedule(Options.Create(new WebhookOptions()), Randomness.Create());

        var waits = Enumerable
            .Range(0, 100)
            .Select(_ => (DeliveryVerdict.Repeat)schedule.Judge(new ChannelAnswer(kind), failures, Now))
            .Select(repeat => (repeat.At - Now).TotalSeconds)
            .ToList();

        Assert.All(waits, wait => Assert.InRange(wait, seconds * 0.9, seconds * 1.1));
        Assert.True(waits.Distinct().Count() > 50);
    }

    [Fact]
    public void After_ten_attempts_the_schedule_is_over()
    {
        var schedule = new DeliverySchedule(Options.Create(new WebhookOptions()), Randomness.Create());

        Assert.IsType<DeliveryVerdict.Repeat>(schedule.Judge(new(AnswerKind.Failed), 8, Now));
        Assert.IsType<DeliveryVerdict.Park>(schedule.Judge(new(AnswerKind.Failed), 9, Now));
        Assert.IsType<DeliveryVerdict.Park>(schedule.Judge(new(AnswerKind.Throttled), 9, Now));
    }

    [Theory]
    [InlineData(1, 1, 10)] // shorter than the schedule: the schedule holds
    [InlineData(3600, 3600, 3600)]
    [InlineData(86400 * 365, 86400, 86400)] // longer than we let anybody ask
    public void A_wait_that_is_asked_for_is_kept_within_a_day(int asked, int least, int most)
    {
        var schedule = new DeliverySchedule(Options.Create(new WebhookOptions()), Randomness.Create());
        var answer = new ChannelAnswer(AnswerKind.Failed, 503, RetryAfter: TimeSpan.FromSeconds(asked));

        var repeat = Assert.IsType<DeliveryVerdict.Repeat>(schedule.Judge(answer, 0, Now));

        Assert.InRange((repeat.At - Now).TotalSeconds, least, most);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_After_is_read_as_seconds_and_as_a_date(bool asDate)
    {
        var value = asDate
            ? TimeProvider.System.GetUtcNow().AddHours(1).ToString("R", CultureInfo.InvariantCulture)
            : "3600";
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(503, ("Retry-After", value));
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: PredictionEventWords.Ends));

        DeliveryEntry? entry = null;
        await PredictionWorld.EventuallyAsync(
            async () => (entry = (await world.LogAsync(ended.Id)).Entries.Single()).AttemptCount == 1,
            "one attempt was made"
        );

        Assert.InRange(
            entry!.NextAttempt!.Value - entry.Attempts[0].At,
            TimeSpan.FromMinutes(59),
            TimeSpan.FromMinutes(61)
        );
        Assert.Single(receiver.Requests);
    }

    private static async Task<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string url)
    {
        await using var world = await DeliveryWorld.StartAsync(settings: [("Leyden:Webhooks:Timeout", "00:00:01")]);
        var ended = await world.RunAsync(DeliveryWorld.Request(url, events: PredictionEventWords.Ends));
        var log = await world.QuietAsync(ended.Id);
        Assert.Equal(DeliveryState.Delivered, log.Entries.Single().State);
        return log.Entries.Single().Attempts;
    }
}
