using System.Collections.Concurrent;
using System.Diagnostics;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Telemetry;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Telemetry;

public sealed class TracingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_step_joins_the_trace_of_the_acceptance()
    {
        using var spans = new Spans();
        await using var world = await PredictionWorld.StartAsync();

        var ended = await world.RunAsync();

        var trace = spans.Of(ended);
        var accept = Assert.Single(trace, s => s.OperationName == "prediction.accept");
        Assert.Equal(accept.Id, ended.Trace?.Parent);
        Assert.Equal(
            ["prediction.accept", "prediction.submit", "backend.submit", "prediction.observe", "backend.observe"],
            trace.OrderBy(s => s.StartTimeUtc).Select(s => s.OperationName)
        );
        Assert.All(trace.Where(IsStep), s => Assert.Equal(accept.SpanId, s.ParentSpanId));
        var last = Assert.Single(trace, s => s.OperationName == "prediction.observe");
        Assert.Equal("succeeded", last.GetTagItem(TelemetryTags.Status));
        Assert.Equal("ended", last.GetTagItem(TelemetryTags.Outcome));
        Assert.Equal("scripted", last.GetTagItem(TelemetryTags.Backend));
        Assert.Equal(
            (ended.CompletedAt - ended.CreatedAt)!.Value.TotalSeconds,
            last.GetTagItem(TelemetryTags.Duration)
        );
        Assert.Equal(
            (ended.StartedAt - ended.CreatedAt)!.Value.TotalSeconds,
            last.GetTagItem(TelemetryTags.QueueDuration)
        );
        Assert.Equal(0.5, last.GetTagItem(TelemetryTags.RunDuration));
    }

    [Fact]
    public async Task A_trace_goes_on_after_a_restart_of_the_host_and_of_the_orchestration()
    {
        using var spans = new Spans();
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(backend.Observations > 0),
            "the prediction is under way"
        );

        await world.StopAsync();
        await world.StartAsync();
        await world.Client.TerminateInstanceAsync(created.Id.Value, cancellation: Stop);
        await world.Client.WaitForInstanceCompletionAsync(created.Id.Value, Stop);
        backend.Otherwise = ScriptedBackend.Done();
        Assert.True(
            await world.Get<Leyden.Orchestration.PredictionScheduler>().EnsureStartedAsync(created, world.Client, Stop)
        );
        var ended = await world.EndAsync(created.Id);

        var trace = spans.Of(ended);
        Assert.Equal(
            trace.Single(s => s.OperationName == "prediction.accept").SpanId,
            trace.Single(s => s.OperationName == "prediction.restart").ParentSpanId
        );
        Assert.Single(trace, s => IsStep(s) && s.GetTagItem(TelemetryTags.Status) is "succeeded");
        Assert.Single(
            spans
                .All.Where(s => s.GetTagItem(TelemetryTags.PredictionId) as string == ended.Id.Value)
                .Select(s => s.TraceId)
                .Distinct()
        );
    }

    [Fact]
    public async Task A_step_that_fails_says_so_by_the_type_of_its_fault_alone()
    {
        using var spans = new Spans();
        FaultyObjectStore store = null!;
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend, inner => store = new(inner));

        var created = await world.CreateAsync();
        store.FailsEvery = 1;
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(store.Failures > 0), "a step has failed");
        store.FailsEvery = 0;
        backend.Otherwise = ScriptedBackend.Done();
        var ended = await world.EndAsync(created.Id);

        var failed = spans.Of(ended).First(s => s.Status == ActivityStatusCode.Error);
        Assert.Equal(nameof(IOException), failed.GetTagItem(TelemetryTags.ErrorType));
        Assert.Null(failed.StatusDescription);
        Assert.Empty(failed.Events);
    }

    [Fact]
    public void A_span_is_put_under_the_current_one_of_the_same_trace_and_linked_to_one_of_another()
    {
        using var spans = new Spans();
        var id = PredictionId.New(TimeProvider.System.GetUtcNow(), Randomness.Create());
        using var accept = PredictionTracing.Start("prediction.accept", id, null)!;
        var carried = TraceReference.Of(accept);

        using (var within = PredictionTracing.Start("prediction.submit", id, carried)!)
        {
            using var inner = PredictionTracing.Start("prediction.observe", id, carried)!;
            Assert.Equal(within.SpanId, inner.ParentSpanId);
        }

        accept.Stop();
        using var other = PredictionTracing.Start("prediction.other", id, null)!;
        Assert.NotEqual(accept.TraceId, other.TraceId);
        using var step = PredictionTracing.Start("prediction.end", id, carried)!;
        Assert.Equal((accept.TraceId, accept.SpanId), (step.TraceId, step.ParentSpanId));
        Assert.Equal(other.SpanId, Assert.Single(step.Links).Context.SpanId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-not-a-trace")]
    public void What_is_no_trace_is_not_followed(string parent)
    {
        using var spans = new Spans();
        var id = PredictionId.New(TimeProvider.System.GetUtcNow(), Randomness.Create());

        using var span = PredictionTracing.Start("prediction.submit", id, new TraceReference(parent));

        Assert.Equal(default, span!.ParentSpanId);
    }

    [Fact]
    public void Long_trace_states_are_not_kept()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        activity.TraceStateString = "vendor=1";
        Assert.Equal(new TraceReference(activity.Id!, "vendor=1"), TraceReference.Of(activity));
        activity.TraceStateString = new string('x', TraceReference.MaxStateLength + 1);
        Assert.Equal(new TraceReference(activity.Id!), TraceReference.Of(activity));
        Assert.Null(TraceReference.Of(null));
    }

    private static bool IsStep(Activity span) =>
        span.OperationName is "prediction.submit" or "prediction.observe" or "prediction.end";

    /// <summary>The spans of the core that end while it lives, those of other tests in this process among them.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _spans = new();
        private readonly ActivityListener _listener;

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == PredictionTracing.SourceName,
                Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _spans.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyCollection<Activity> All => _spans;

        /// <summary>The trace of a prediction.</summary>
        public IReadOnlyList<Activity> Of(Prediction prediction)
        {
            Assert.NotNull(prediction.Trace);
            var trace = ActivityContext.Parse(prediction.Trace.Parent, null).TraceId;
            return [.. _spans.Where(s => s.TraceId == trace)];
        }

        public void Dispose() => _listener.Dispose();
    }
}
