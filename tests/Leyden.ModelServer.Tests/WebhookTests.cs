using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Who is told of what, when, and how often.</summary>
public sealed class WebhookTests
{
    private static readonly string[] EndOnly = ["completed"];
    private static readonly string[] LogsOnly = ["logs"];
    private static readonly string[] NoLogs = ["start", "output", "completed"];

    [Fact]
    public async Task Start_output_and_end_are_told_in_order()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync();

        await AskAsync(server, receiver, NoLogs);
        await EventuallyAsync(() => receiver.All.Count == 3);

        Assert.Equal(["processing", "processing", "succeeded"], receiver.All.Select(r => r.Status));
        Assert.Equal([false, true, true], receiver.All.Select(r => r.HasOutput));
        Assert.All(receiver.All, r => Assert.Equal("one", r.Json.GetProperty("id").GetString()));
        Assert.All(receiver.All, r => Assert.False(r.Json.TryGetProperty("input", out _)));
        Assert.All(receiver.All, r => Assert.Equal("application/json", r.Headers["Content-Type"]));
    }

    [Theory]
    [InlineData("succeeded")]
    [InlineData("failed")]
    [InlineData("canceled")]
    public async Task Every_kind_of_end_is_told(string end)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        await AskAsync(server, receiver, EndOnly);
        await server.UntilAsync("one", "processing");
        if (end == "failed")
        {
            server.Model.FailNext(new InvalidOperationException("broken"));
        }

        if (end == "canceled")
        {
            await server.PostAsync("/predictions/one/cancel");
        }
        else
        {
            server.Model.Step();
        }

        await EventuallyAsync(() => receiver.All.Count == 1);
        Assert.Equal(end, receiver.All.Single().Status);
    }

    [Fact]
    public async Task News_of_the_log_are_told_at_most_every_half_second()
    {
        var time = new FakeTimeProvider();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync(new DrawingModel { IsHeld = true }, time: time);
        await AskAsync(server, receiver, LogsOnly, ("num_inference_steps", 10));

        await StepAsync(server, 4, to: 4);
        await EventuallyAsync(() => receiver.All.Count == 1);
        time.Advance(TimeSpan.FromMilliseconds(499));
        await StepAsync(server, 1, to: 5);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await StepAsync(server, 1, to: 6);
        await EventuallyAsync(() => receiver.All.Count == 2);
        server.Model.Step();
        await server.UntilAsync("one", "succeeded");

        Assert.Equal([0, 6], receiver.All.Select(StepOf));
    }

    [Fact]
    public async Task A_slow_receiver_gets_the_newest_of_the_log_and_delays_no_prediction()
    {
        var time = new FakeTimeProvider();
        var gate = new TaskCompletionSource();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Gate = gate.Task;
        await using var server = await StartAsync(new DrawingModel { IsHeld = true }, time: time);
        await AskAsync(server, receiver, LogsOnly, ("num_inference_steps", 10));
        await EventuallyAsync(() => receiver.All.Count == 1);

        for (var step = 1; step <= 3; step++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await StepAsync(server, 1, to: step);
        }

        server.Model.Step();
        await server.UntilAsync("one", "succeeded");
        gate.SetResult();
        await EventuallyAsync(() => receiver.All.Count == 2);

        Assert.Equal([0, 3], receiver.All.Select(StepOf));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task The_end_is_told_again_until_it_is_taken(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(status, status);
        await using var server = await StartAsync();

        await AskAsync(server, receiver, EndOnly);
        await EventuallyAsync(() => receiver.All.Count == 3);

        Assert.Single(receiver.All.Select(r => r.Json.GetRawText()).Distinct());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(301)]
    [InlineData(501)]
    public async Task The_end_is_not_told_again_after_a_plain_refusal(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(status);
        await using var server = await StartAsync();

        await AskAsync(server, receiver, EndOnly);
        await server.UntilAsync("one", "succeeded");
        await Couriers(server).WhenIdleAsync(Cancellation);

        Assert.Single(receiver.All);
        Assert.Contains(
            server.Logs.Lines,
            l => l.Contains($"answered Completed with {status}", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Anything_but_the_end_is_told_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(500, 500);
        await using var server = await StartAsync();

        await AskAsync(server, receiver, NoLogs);
        await Couriers(server).WhenIdleAsync(Cancellation);

        Assert.Equal(3, receiver.All.Count);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_given_up_after_twelve_repeats()
    {
        var time = new FakeTimeProvider();
        // Bound, so that nobody else listens there, and not listening: connections are refused.
        using var closed = new Socket(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = await StartAsync(time: time);
        await server.PutAsync(
            "/predictions/one",
            new
            {
                input = Input(),
                webhook = $"http://{closed.LocalEndPoint}/hook",
                webhook_events_filter = EndOnly,
            }
        );

        var idle = Couriers(server).WhenIdleAsync(Cancellation);
        var start = time.GetUtcNow();
        await EventuallyAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return idle.IsCompleted;
        });

        var waited = Enumerable.Range(0, 12).Sum(i => Math.Min(0.2 * Math.Pow(2, i), 102.4));
        Assert.InRange((time.GetUtcNow() - start).TotalSeconds, waited, double.MaxValue);
        Assert.Contains(server.Logs.Lines, l => l.Contains("was not told of Completed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_token_goes_to_hosts_that_are_named_and_the_trace_goes_on()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var trusted = await StartAsync(
            settings: [("WEBHOOK_AUTH_TOKEN", "t0ken"), ("Leyden:AllowedHosts", "127.0.0.1")]
        );
        await using var other = await StartAsync(
            settings: [("WEBHOOK_AUTH_TOKEN", "t0ken"), ("Leyden:AllowedHosts", "elsewhere.example")]
        );

        foreach (var server in new[] { trusted, other })
        {
            await server.PutAsync(
                "/predictions/one",
                new
                {
                    input = Input(),
                    webhook = receiver.Url,
                    webhook_events_filter = EndOnly,
                },
                ("traceparent", Trace),
                ("tracestate", "a=b")
            );
            await Couriers(server).WhenIdleAsync(Cancellation);
        }

        Assert.Equal("Bearer t0ken", receiver.All[0].Headers["Authorization"]);
        Assert.False(receiver.All[1].Headers.ContainsKey("Authorization"));
        Assert.All(
            receiver.All,
            r => Assert.Equal((Trace, "a=b"), (r.Headers["traceparent"], r.Headers["tracestate"]))
        );
    }

    [Theory]
    [InlineData("http://169.254.169.254/metadata")]
    [InlineData("http://10.0.0.1/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("hook")]
    [InlineData("")]
    public async Task A_webhook_that_must_not_be_called_is_refused(string url)
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync("/predictions", new { input = Input(), webhook = url });

        Assert.Equal(422, answer.Status);
        var fault = Assert.Single(answer.Json.GetProperty("detail").EnumerateArray());
        Assert.Equal("""["body","webhook"]""", fault.GetProperty("loc").GetRawText());
    }

    [Fact]
    public async Task Predictions_with_untold_ends_are_bounded()
    {
        var gate = new TaskCompletionSource();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Gate = gate.Task;
        await using var server = await StartAsync(settings: [("Leyden:ModelServer:MaxWebhooks", 1)]);
        await AskAsync(server, receiver, EndOnly);
        await server.UntilAsync("one", "succeeded");

        var refused = await server.PutAsync("/predictions/two", new { input = Input(), webhook = receiver.Url });
        var without = await server.PutAsync("/predictions/three", new { input = Input() });
        gate.SetResult();
        await Couriers(server).WhenIdleAsync(Cancellation);
        var later = await server.PutAsync("/predictions/two", new { input = Input(), webhook = receiver.Url });

        Assert.Equal((409, 200, 200), (refused.Status, without.Status, later.Status));
        Assert.Contains("webhooks", refused.Text("error"), StringComparison.Ordinal);
    }

    private static Webhooks.WebhookCouriers Couriers(TestServer server) =>
        (Webhooks.WebhookCouriers)server.Services.GetService(typeof(Webhooks.WebhookCouriers))!;

    private static async Task AskAsync(
        TestServer server,
        WebhookReceiver receiver,
        string[] events,
        params (string Name, object? Value)[] changes
    )
    {
        var answer = await server.PutAsync(
            "/predictions/one",
            new
            {
                input = Input(changes),
                webhook = receiver.Url,
                webhook_events_filter = events,
            },
            ("Prefer", "respond-async")
        );
        Assert.Equal(202, answer.Status);
    }

    private static Task StepAsync(TestServer server, int count, int to)
    {
        server.Model.Step(count);
        return EventuallyAsync(async () =>
            (await server.GetAsync("/predictions/one")).Json.TryGetProperty("progress", out var progress)
            && progress.GetProperty("completed_steps").GetInt32() == to
        );
    }

    private static int StepOf(WebhookReceiver.Received received) =>
        received.Json.GetProperty("progress").GetProperty("completed_steps").GetInt32();
}
