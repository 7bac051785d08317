using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Tests.Orchestration;

/// <summary>How predictions go through a backend that runs while its caller waits, on the real engine.</summary>
public sealed class RunTests
{
    private static readonly PredictionFailure Fault = new("test_fault", Retryable: false, "told to fail");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_ends_with_its_pictures_in_the_store_and_its_attempt_in_the_record()
    {
        var runner = new ScriptedRunner();
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal("image/png", Assert.Single(ended.Outputs).ContentType);
        Assert.Equal(
            (1, "runner", TimeSpan.FromSeconds(0.5), 0.001m, "done"),
            (ended.Attempts, ended.Backend, ended.PredictTime, ended.Cost, ended.Logs)
        );
        Assert.Equal(ended.Id.Value, Assert.Single(runner.Begun));
        Assert.Equal("a cat", (string?)Assert.Single(runner.Requests).Input["prompt"]);
    }

    [Fact]
    public async Task A_cold_backend_is_waited_for()
    {
        var runner = new ScriptedRunner();
        runner.Readiness.Enqueue(new Readiness.Warming("STARTING"));
        runner.Readiness.Enqueue(new Readiness.Warming("STARTING"));
        runner.Readiness.Enqueue(new Readiness.Busy());
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal((4, 1), (runner.Asked, runner.Begun.Count));
    }

    [Fact]
    public async Task A_broken_backend_fails_at_once_with_its_words()
    {
        var runner = new ScriptedRunner { OtherwiseReady = new Readiness.Broken(Fault) };
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, Fault), (ended.Status, ended.Failure));
        Assert.Equal((1, 0), (runner.Asked, runner.Begun.Count));
    }

    [Fact]
    public async Task A_run_that_is_not_let_in_fails_at_once_and_is_no_attempt()
    {
        var runner = new ScriptedRunner { Otherwise = new RunOutcome.Broken(Fault) };
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, Fault, 0), (ended.Status, ended.Failure, ended.Attempts));
        Assert.Single(runner.Begun);
    }

    [Fact]
    public async Task What_certainly_began_nothing_is_no_attempt()
    {
        var runner = new ScriptedRunner { MaxAttempts = 1 };
        runner.Runs.Enqueue(new RunOutcome.Busy());
        runner.Runs.Enqueue(new RunOutcome.NotReady());
        runner.Runs.Enqueue(new RunOutcome.NotSent(Fault));
        runner.Runs.Enqueue(new RunOutcome.UnderWay());
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Succeeded, 1), (ended.Status, ended.Attempts));
        Assert.Equal(5, runner.Begun.Count);
        Assert.Single(runner.Begun.Distinct());
    }

    [Fact]
    public async Task A_lost_result_is_run_for_again_under_the_same_id_up_to_the_limit()
    {
        var runner = new ScriptedRunner { Otherwise = new RunOutcome.Interrupted(Fault) };
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Failed, ended.Status);
        Assert.Equal((FailureCodes.BackendUnavailable, "told to fail"), (ended.Failure!.Code, ended.Failure.Detail));
        Assert.Equal((3, 3), (ended.Attempts, runner.Begun.Count));
        Assert.Single(runner.Begun.Distinct());
        Assert.Single(runner.Requests.Select(r => r.Input.ToJsonString()).Distinct()); // the same seed: the same picture
    }

    [Fact]
    public async Task A_failed_run_fails_the_prediction()
    {
        var runner = new ScriptedRunner { Otherwise = new RunOutcome.Failed(Fault, TimeSpan.FromSeconds(1), 0.5m) };
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, Fault, 0.5m), (ended.Status, ended.Failure, ended.Cost));
        Assert.Single(runner.Begun);
    }

    [Fact]
    public async Task Fewer_pictures_than_asked_are_a_success_with_a_note()
    {
        var runner = new ScriptedRunner { Pictures = 3 };
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync(
            PredictionWorld.Request() with
            {
                Input = new JsonObject { ["prompt"] = "a cat", ["num_outputs"] = 4 },
            }
        );

        Assert.Equal((PredictionStatus.Succeeded, 3), (ended.Status, ended.Outputs.Count));
        Assert.StartsWith("3 of 4 pictures", Assert.Single(ended.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_run_at_once_than_there_are_slots()
    {
        var runner = new ScriptedRunner();
        runner.OnRun = _ => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
        await using var world = await StartAsync(runner);

        var created = new List<Prediction>();
        for (var i = 0; i < 8; i++)
        {
            created.Add(await world.CreateAsync());
        }

        foreach (var prediction in created)
        {
            Assert.Equal(PredictionStatus.Succeeded, (await world.EndAsync(prediction.Id)).Status);
        }

        Assert.Equal((8, 2), (runner.Begun.Count, runner.Peak));
    }

    [Fact]
    public async Task A_cancel_reaches_a_run_that_is_under_way()
    {
        var runner = new ScriptedRunner { Hangs = true };
        await using var world = await StartAsync(runner);
        var created = await world.CreateAsync();
        await ProcessingAsync(world, created);

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Empty(ended.Notes);
        Assert.Equal(created.Id.Value, runner.Canceled.First());
        var books = await world.Get<BackendLedger>().ReadAsync(runner.Name, Stop);
        Assert.Empty(books.Running);
    }

    [Fact]
    public async Task A_cancel_that_came_too_late_delivers_what_had_finished()
    {
        var runner = new ScriptedRunner { Hangs = true, AfterCancel = ScriptedRunner.Done };
        await using var world = await StartAsync(runner);
        var created = await world.CreateAsync();
        await ProcessingAsync(world, created);

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal((PredictionStatus.Succeeded, 1), (ended.Status, ended.Outputs.Count));
        Assert.Contains("too late", Assert.Single(ended.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_does_not_stop_is_named_and_its_late_result_changes_nothing()
    {
        var runner = new ScriptedRunner
        {
            Hangs = true,
            ObeysCancel = false,
            AfterCancel = ScriptedRunner.Done,
        };
        await using var world = await StartAsync(runner);
        var created = await world.CreateAsync();
        await ProcessingAsync(world, created);

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world
            .Get<PredictionWatcher>()
            .WaitAsync(Owner.Local, created.Id, TimeSpan.FromMinutes(2), Stop);
        runner.ObeysCancel = true;
        await runner.CancelAsync(created.Id.Value, Stop); // now it ends, with a picture

        await world.Client.WaitForInstanceCompletionAsync(created.Id.Value, Stop);

        Assert.Equal(PredictionStatus.Canceled, ended!.Status);
        Assert.Contains("has not confirmed", Assert.Single(ended.Notes), StringComparison.Ordinal);
        Assert.Equal(ended, await world.Store.FindAsync(Owner.Local, created.Id, Stop), Same);
    }

    [Fact]
    public async Task At_its_deadline_a_run_is_stopped()
    {
        var runner = new ScriptedRunner { Hangs = true };
        await using var world = await StartAsync(runner);

        var ended = await world.RunAsync(PredictionWorld.Request(deadline: PredictionOptions.ShortestDeadline));

        Assert.Equal((PredictionStatus.Failed, FailureCodes.DeadlineExceeded), (ended.Status, ended.Failure!.Code));
        Assert.NotEmpty(runner.Canceled);
    }

    [Fact]
    public async Task A_cancel_while_the_backend_is_cold_begins_nothing()
    {
        var runner = new ScriptedRunner { OtherwiseReady = new Readiness.Warming("STARTING") };
        await using var world = await StartAsync(runner);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(runner.Asked > 0), "it is asked");

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Empty(runner.Begun);
    }

    [Fact]
    public async Task Progress_is_shown_while_the_run_goes_on()
    {
        var runner = new ScriptedRunner { Hangs = true };
        await using var world = await StartAsync(runner);
        var created = await world.CreateAsync();
        await ProcessingAsync(world, created);

        Assert.Equal(0.5, world.Get<Leyden.Orchestration.RunProgress>().Find(created.Id));

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        await world.EndAsync(created.Id);
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(world.Get<Leyden.Orchestration.RunProgress>().Find(created.Id) is null),
            "it is forgotten"
        );
    }

    [Theory]
    [InlineData(13)]
    [InlineData(17)]
    [InlineData(29)]
    public async Task While_the_store_fails_now_and_then_every_prediction_ends_and_every_run_is_counted(int failsEvery)
    {
        var runner = new ScriptedRunner { MaxAttempts = 10 };
        FaultyObjectStore store = null!;
        await using var world = await PredictionWorld.StartAsync(
            decorate: inner => store = new(inner),
            backends: [runner]
        );
        var created = new List<Prediction>();
        for (var i = 0; i < 10; i++)
        {
            created.Add(await world.CreateAsync(PredictionWorld.Request($"number {i}")));
        }

        store.FailsEvery = failsEvery;
        foreach (var prediction in created)
        {
            await world.Client.WaitForInstanceCompletionAsync(prediction.Id.Value, Stop);
        }

        store.FailsEvery = 0;
        Assert.True(store.Failures > 0);
        foreach (var prediction in created)
        {
            var ended = await world.Store.FindAsync(Owner.Local, prediction.Id, Stop);
            Assert.Equal((PredictionStatus.Succeeded, 1), (ended!.Status, ended.Outputs.Count));
            Assert.InRange(runner.Begun.Count(id => id == prediction.Id.Value), 1, ended.Attempts);
        }
    }

    private static bool Same(Prediction? a, Prediction? b) =>
        JsonNode.DeepEquals(
            System.Text.Json.JsonSerializer.SerializeToNode(a, LeydenJson.Options),
            System.Text.Json.JsonSerializer.SerializeToNode(b, LeydenJson.Options)
        );

    private static Task<PredictionWorld> StartAsync(ScriptedRunner runner) =>
        PredictionWorld.StartAsync(backends: [runner]);

    private static Task ProcessingAsync(PredictionWorld world, Prediction prediction) =>
        PredictionWorld.EventuallyAsync(
            async () =>
                (await world.Store.FindAsync(Owner.Local, prediction.Id, Stop))!.Status == PredictionStatus.Processing,
            "it runs"
        );
}
