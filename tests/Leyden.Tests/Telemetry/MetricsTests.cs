using System.Diagnostics.Metrics;
using Leyden.Backends;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Telemetry;
using Leyden.Tests.Notifications;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Telemetry;

public sealed class MetricsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_success_is_measured_whole()
    {
        var backend = new ScriptedBackend();
        backend.Looks.Enqueue(new ObserveOutcome.Running(Started: true));
        await using var world = await PredictionWorld.StartAsync(backend);
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        var ended = await world.RunAsync();

        Assert.Equal("scripted", Assert.Single(metrics.Of("leyden.predictions.accepted"))[TelemetryTags.Backend]);
        var counted = Assert.Single(metrics.Of("leyden.predictions"));
        Assert.Equal(
            (1, "succeeded", "scripted"),
            (counted.Value, counted[TelemetryTags.Status], counted[TelemetryTags.Backend])
        );
        AssertSeconds(ended.CompletedAt - ended.CreatedAt, metrics, "leyden.prediction.duration");
        AssertSeconds(ended.StartedAt - ended.CreatedAt, metrics, "leyden.prediction.queue.duration");
        AssertSeconds(TimeSpan.FromSeconds(0.5), metrics, "leyden.prediction.run.duration");
        AssertSeconds(
            ended.CompletedAt - ended.StartedAt - TimeSpan.FromSeconds(0.5),
            metrics,
            "leyden.prediction.overhead.duration"
        );
        Assert.Equal(0.003, Assert.Single(metrics.Of("leyden.prediction.cost")).Value, 9);
        Assert.Equal(
            ["submit accepted", "observe running", "observe succeeded"],
            metrics
                .Of("leyden.backend.requests")
                .Select(r => $"{r[TelemetryTags.Operation]} {r[TelemetryTags.Outcome]}")
        );
        Assert.Empty(metrics.Of("leyden.backend.quota.wait.duration"));
    }

    [Fact]
    public async Task A_failure_is_counted_by_its_code_and_a_cancel_as_such()
    {
        var backend = new ScriptedBackend();
        backend.Submissions.Enqueue(
            new SubmitOutcome.Rejected(new(FailureCodes.BackendRejected, false, "told to fail"))
        );
        backend.Otherwise = new ObserveOutcome.Running(Started: true);
        await using var world = await PredictionWorld.StartAsync(backend);
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        await world.RunAsync();
        var canceled = await world.CreateAsync();
        await world.Service.CancelAsync(canceled.Owner, canceled.Id, world.Client, Stop);
        await world.EndAsync(canceled.Id);

        Assert.Equal(
            ["failed backend_rejected", "canceled "],
            metrics.Of("leyden.predictions").Select(p => $"{p[TelemetryTags.Status]} {p[TelemetryTags.ErrorType]}")
        );
        Assert.Empty(metrics.Of("leyden.prediction.cost"));
        Assert.Empty(metrics.Of("leyden.prediction.overhead.duration"));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(31)]
    public async Task Steps_that_are_repeated_count_nothing_twice(int failsEvery)
    {
        FaultyObjectStore store = null!;
        await using var world = await PredictionWorld.StartAsync(decorate: inner => store = new(inner));
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());
        var created = new List<Prediction>();
        for (var i = 0; i < 10; i++)
        {
            created.Add(await world.CreateAsync());
        }

        store.FailsEvery = failsEvery;
        foreach (var prediction in created)
        {
            await world.Client.WaitForInstanceCompletionAsync(prediction.Id.Value, Stop);
        }

        store.FailsEvery = 0;
        Assert.True(store.Failures > 0);
        Assert.Equal(created.Count, metrics.Of("leyden.predictions.accepted").Sum(m => m.Value));
        // An end that was written while its answer was lost is not counted; none is counted twice.
        Assert.InRange(metrics.Of("leyden.predictions").Sum(m => m.Value), 1, created.Count);
        Assert.All(metrics.Of("leyden.predictions"), m => Assert.Equal(1, m.Value));
    }

    [Fact]
    public async Task Waiting_for_the_request_limit_is_measured()
    {
        var backend = new ScriptedBackend { Limits = new(RequestsPerMinute: 1, null, TimeSpan.FromSeconds(1), false) };
        await using var world = await PredictionWorld.StartAsync(backend);
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(metrics.Of("leyden.backend.quota.wait.duration").Count > 0),
            "the look waits, since the submission has used up the limit"
        );

        Assert.InRange(metrics.Of("leyden.backend.quota.wait.duration")[0].Value, 0, LedgerState.Window.TotalSeconds);
        // The submission took all of the limit, the look reserves as much again; places are without limit.
        Assert.Equal(
            [("requests", 1.0), ("requests", 2.0)],
            metrics.Of("leyden.backend.limit.usage").Take(2).Select(u => ((string)u[TelemetryTags.Limit]!, u.Value))
        );
    }

    [Fact]
    public async Task Places_that_are_taken_or_waited_for_are_measured_as_a_share_of_the_limit()
    {
        var backend = new ScriptedBackend
        {
            Limits = new(null, MaxConcurrent: 2, TimeSpan.FromSeconds(1), false),
            Otherwise = new ObserveOutcome.Running(Started: true),
        };
        await using var world = await PredictionWorld.StartAsync(backend);
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        for (var i = 0; i < 3; i++)
        {
            await world.CreateAsync();
        }

        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(metrics.Of("leyden.backend.limit.usage").Any(u => u.Value >= 1.5)),
            "the third waits while two have places"
        );
        Assert.All(metrics.Of("leyden.backend.limit.usage"), u => Assert.Equal("places", u[TelemetryTags.Limit]));
    }

    [Fact]
    public async Task A_delivery_that_is_given_up_is_counted_with_its_attempts()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(500);
        await using var world = await DeliveryWorld.StartAsync();
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: PredictionEventWords.Ends));
        await world.QuietAsync(ended.Id);

        Assert.Equal("webhook", Assert.Single(metrics.Of("leyden.deliveries.parked"))[TelemetryTags.Kind]);
        Assert.Equal(4, metrics.Of("leyden.deliveries").Count);
    }

    [Fact]
    public async Task Tags_have_few_values_and_no_ids()
    {
        await using var world = await PredictionWorld.StartAsync();
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        var ids = new[] { await world.RunAsync(), await world.RunAsync() }.Select(p => p.Id.Value).ToList();

        var words = metrics.Tags.Select(t => Assert.IsType<string>(t.Value)).ToList();
        Assert.NotEmpty(words);
        Assert.DoesNotContain(words, word => ids.Any(id => word.Contains(id, StringComparison.Ordinal)));
        Assert.All(words, word => Assert.Matches("^[a-z_-]{1,30}$", word));
    }

    [Fact]
    public async Task Each_attempt_to_deliver_is_counted_once()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.FailFirst(1, 500);
        await using var world = await DeliveryWorld.StartAsync();
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: PredictionEventWords.Ends));
        await world.QuietAsync(ended.Id);

        Assert.Equal(
            ["webhook failed", "webhook delivered"],
            metrics.Of("leyden.deliveries").Select(d => $"{d[TelemetryTags.Kind]} {d[TelemetryTags.Outcome]}")
        );
    }

    private static void AssertSeconds(TimeSpan? expected, RecordedMetrics metrics, string instrument) =>
        Assert.Equal(expected!.Value.TotalSeconds, Assert.Single(metrics.Of(instrument)).Value, 9);
}
