using Leyden.Backends;
using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Leyden.Tests.Orchestration;

/// <summary>What becomes of a run whose step is cut short, repeated, or made twice at once.</summary>
public sealed class RunRepeatTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_restart_the_same_run_is_asked_for_again_and_counted()
    {
        var runner = new ScriptedRunner();
        var held = new TaskCompletionSource();
        runner.OnRun = _ => runner.Begun.Count == 1 ? held.Task : Task.CompletedTask;
        await using var world = await PredictionWorld.StartAsync(
            backends: [runner],
            configure: b => b.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1))
        );
        var created = await world.CreateAsync();
        await BegunAsync(runner);

        await world.StopAsync(); // the run hangs on, as a request to a container does when its caller has died
        runner.Runs.Enqueue(new RunOutcome.UnderWay());
        await world.StartAsync();
        var ended = await world.EndAsync(created.Id);
        held.SetResult();

        Assert.Equal((PredictionStatus.Succeeded, 2, 1), (ended.Status, ended.Attempts, ended.Outputs.Count));
        Assert.Equal(3, runner.Begun.Count); // of which one was told that the first was still under way
        Assert.Single(runner.Begun.Distinct());
    }

    [Fact]
    public async Task A_step_that_is_repeated_after_its_run_runs_again_and_after_its_end_does_not()
    {
        var runner = new ScriptedRunner { Hangs = true };
        await using var world = await PredictionWorld.StartAsync(backends: [runner]);
        var created = await world.CreateAsync();
        await BegunAsync(runner);
        var step = new PredictionStep(created.Owner, created.Id, StepKind.Run);

        // A twin of the step, as when an engine takes the first worker for dead: here the backend runs both.
        runner.Hangs = false;
        var twin = await RunAsync(world, step);
        var after = await RunAsync(world, step);
        await runner.CancelAsync(created.Id.Value, Stop); // the first of them ends only now, as canceled
        var ended = await world.EndAsync(created.Id);

        Assert.Null(twin.Next);
        Assert.Null(after.Next);
        Assert.Equal(2, runner.Begun.Count);
        Assert.Equal((PredictionStatus.Succeeded, 2, 1), (ended.Status, ended.Attempts, ended.Outputs.Count));
    }

    [Fact]
    public async Task A_step_whose_attempts_are_used_up_runs_nothing()
    {
        var runner = new ScriptedRunner { Hangs = true, MaxAttempts = 1 };
        await using var world = await PredictionWorld.StartAsync(backends: [runner]);
        var created = await world.CreateAsync();
        await BegunAsync(runner);

        var repeat = await RunAsync(world, new PredictionStep(created.Owner, created.Id, StepKind.Run));
        await runner.CancelAsync(created.Id.Value, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Null(repeat.Next);
        Assert.Single(runner.Begun);
        Assert.Equal((PredictionStatus.Failed, FailureCodes.BackendUnavailable), (ended.Status, ended.Failure!.Code));
    }

    [Fact]
    public async Task A_step_of_a_prediction_that_is_to_be_canceled_runs_nothing()
    {
        var runner = new ScriptedRunner { OtherwiseReady = new Readiness.Warming("STARTING") };
        await using var world = await PredictionWorld.StartAsync(backends: [runner]);
        var created = await world.CreateAsync();
        await world.Store.ChangeAsync(created, p => p with { CancelRequestedAt = p.CreatedAt }, Stop);

        var next = await RunAsync(world, new PredictionStep(created.Owner, created.Id, StepKind.Run));

        Assert.Equal((StepKind.End, EndReason.Cancel), (next.Next!.Kind, next.Next.Reason));
        Assert.Empty(runner.Begun);
    }

    private static Task<StepResult> RunAsync(PredictionWorld world, PredictionStep step) =>
        ActivatorUtilities
            .CreateInstance<ExecutePrediction>(world.Get<IServiceProvider>())
            .RunAsync(new Context(step.Id.Value), step);

    private static Task BegunAsync(ScriptedRunner runner) =>
        PredictionWorld.EventuallyAsync(() => Task.FromResult(!runner.Begun.IsEmpty), "it is begun");

    private sealed class Context(string instanceId) : TaskActivityContext
    {
        public override TaskName Name => nameof(ExecutePrediction);

        public override string InstanceId => instanceId;
    }
}
