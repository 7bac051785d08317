using System.Diagnostics.Metrics;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Telemetry;
using Leyden.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Orchestration;

/// <summary>Where predictions go that leave it to the program, on the real engine.</summary>
public sealed class RoutingTests
{
    private static readonly PredictionFailure Fault = new(
        FailureCodes.BackendUnavailable,
        Retryable: true,
        "told to fail"
    );

    private readonly ScriptedBackend _hosted = new();
    private readonly ScriptedRunner _container = new() { Name = "container", Sleeps = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_warm_container_is_taken()
    {
        await using var world = await StartAsync();
        await world.Get<BackendHealthBook>().NoteSuccessAsync("container", Stop);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, "container"), (ended.Status, ended.Backend));
        Assert.StartsWith("container: free", ended.BackendReason, StringComparison.Ordinal);
        Assert.Empty(_hosted.Requests);
    }

    [Fact]
    public async Task While_the_container_is_cold_predictions_go_elsewhere_and_wake_it_for_those_that_follow()
    {
        _container.OtherwiseReady = new Readiness.Warming("STARTING");
        await using var world = await StartAsync();

        var first = await world.RunAsync();
        _container.OtherwiseReady = Readiness.Ready.Instance;
        await PredictionWorld.EventuallyAsync(
            async () => (await world.RunAsync()).Backend == "container",
            "the container runs one"
        );

        Assert.Equal((PredictionStatus.Succeeded, "scripted"), (first.Status, first.Backend));
        Assert.Contains("container: it starts", first.BackendReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_does_not_pay_for_itself_is_left_asleep_until_it_does()
    {
        _container.OtherwiseReady = new Readiness.Warming("STARTING");
        _container.PricePerSecond = 0.000011m; // five minutes of it cost as much as about four runs elsewhere
        await using var world = await StartAsync();

        var first = await world.RunAsync();
        var askedAtFirst = _container.Asked;
        for (var i = 0; i < 5; i++)
        {
            await world.RunAsync();
        }

        Assert.Contains("do not pay for a start", first.BackendReason, StringComparison.Ordinal);
        Assert.Equal(0, askedAtFirst);
        Assert.True(_container.Asked > 0);
        Assert.Equal(6, _hosted.Requests.Count);
    }

    [Fact]
    public async Task What_a_broken_container_can_not_run_goes_elsewhere_before_anything_was_submitted()
    {
        _container.Sleeps = false; // so that nothing is asked before it has its turn
        _container.OtherwiseReady = new Readiness.Broken(Fault);
        await using var world = await StartAsync();
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        var ended = await world.RunAsync();
        var next = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, "scripted"), (ended.Status, ended.Backend));
        Assert.Contains("container is out: told to fail", ended.BackendReason, StringComparison.Ordinal);
        Assert.Equal("scripted", next.Backend);
        Assert.Equal(1, _container.Asked); // the second saw the open breaker
        Assert.Equal("container", Assert.Single(metrics.Of("leyden.backend.breaker.openings"))[TelemetryTags.Backend]);
        Assert.Empty((await world.Get<BackendLedger>().ReadAsync("container", Stop)).Running);
    }

    [Fact]
    public async Task What_the_container_s_door_turns_away_goes_elsewhere()
    {
        _container.Otherwise = new RunOutcome.Broken(Fault);
        _container.Sleeps = false;
        await using var world = await StartAsync();

        var ended = await world.RunAsync();
        var next = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, "scripted"), (ended.Status, ended.Backend));
        Assert.Equal(("scripted", 1), (next.Backend, _container.Begun.Count));
        Assert.Empty((await world.Get<BackendLedger>().ReadAsync("container", Stop)).Running);
    }

    [Fact]
    public async Task A_hosted_backend_that_can_not_be_reached_is_left_for_the_container()
    {
        _container.OtherwiseReady = new Readiness.Warming("STARTING");
        _hosted.OnSubmit = _ =>
        {
            _container.OtherwiseReady = Readiness.Ready.Instance;
            return Task.CompletedTask;
        };
        _hosted.Judge = _ => new SubmitOutcome.NotSent(Fault);
        await using var world = await StartAsync();

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, "container"), (ended.Status, ended.Backend));
        Assert.Contains("scripted: it could not be reached", ended.BackendReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_moment_s_trouble_is_no_reason_to_wait_for_a_cold_container()
    {
        _container.OtherwiseReady = new Readiness.Warming("STARTING");
        _hosted.Submissions.Enqueue(new SubmitOutcome.NotSent(Fault));
        await using var world = await StartAsync();

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, "scripted"), (ended.Status, ended.Backend));
        Assert.Equal(2, _hosted.Requests.Count);
    }

    [Fact]
    public async Task A_key_that_is_not_accepted_any_more_is_no_reason_to_fail_while_there_is_another()
    {
        _container.OtherwiseReady = new Readiness.Warming("STARTING");
        _hosted.Judge = _ =>
        {
            _container.OtherwiseReady = Readiness.Ready.Instance;
            return new SubmitOutcome.Rejected(Fault with { Code = FailureCodes.BackendRejected });
        };
        await using var world = await StartAsync();

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, "container"), (ended.Status, ended.Backend));
    }

    [Fact]
    public async Task What_may_have_been_submitted_goes_nowhere_else()
    {
        _container.OtherwiseReady = new Readiness.Warming("STARTING");
        _hosted.Judge = _ => new SubmitOutcome.Unknown(Fault);
        await using var world = await StartAsync();

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, "scripted"), (ended.Status, ended.Backend));
        Assert.Empty(_container.Begun);
    }

    [Fact]
    public async Task A_backend_that_was_named_is_kept_whatever_happens()
    {
        _hosted.Submissions.Enqueue(new SubmitOutcome.NotSent(Fault));
        await using var world = await StartAsync();

        var ended = await world.RunAsync(PredictionWorld.Request() with { Backend = "scripted" });

        Assert.Equal(("scripted", null, 2), (ended.Backend, ended.BackendReason, _hosted.Requests.Count));
    }

    [Fact]
    public async Task A_deadline_that_the_container_would_miss_is_met_elsewhere()
    {
        _container.Limits = _container.Limits with { MaxConcurrent = 1 };
        _container.Hangs = true;
        await using var world = await StartAsync(rule => rule.MaxExtraWait = TimeSpan.FromHours(1));
        await world.Get<BackendHealthBook>().NoteSuccessAsync("container", Stop);
        var long_ = new RunSample(
            SdxlLightningInput.Model,
            "2^6",
            TimeSpan.FromMinutes(2),
            TimeSpan.FromMinutes(2),
            null
        );
        var blocking = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(!_container.Begun.IsEmpty), "it runs");
        var other = blocking with { Id = PredictionId.New(blocking.CreatedAt, Randomness.Create()) };
        await world.Get<BackendLedger>().EnterAsync(_container, other, Stop);
        await world.Get<BackendLedger>().LeaveAsync(_container, blocking, long_, Stop);

        var ended = await world.RunAsync(PredictionWorld.Request(deadline: TimeSpan.FromMinutes(1)));
        await world.Service.CancelAsync(Owner.Local, blocking.Id, world.Client, Stop);
        await world.EndAsync(blocking.Id);

        Assert.Equal((PredictionStatus.Succeeded, "scripted"), (ended.Status, ended.Backend));
    }

    private Task<PredictionWorld> StartAsync(Action<RoutingRule>? rule = null) =>
        PredictionWorld.StartAsync(
            backends: [_hosted, _container],
            configure: builder =>
            {
                if (rule is not null)
                {
                    builder.Services.Configure(rule);
                }
            }
        );
}
