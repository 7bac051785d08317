using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Tests.Orchestration;

/// <summary>What becomes of predictions, on the real engine.</summary>
public sealed class PredictionOrchestrationTests
{
    private static readonly PredictionFailure Fault = new("test_fault", true, "told to fail", "in detail");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prediction_succeeds_with_its_picture_stored_and_nothing_left_open()
    {
        await using var world = await PredictionWorld.StartAsync();

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        var picture = Assert.Single(ended.Outputs);
        Assert.Equal(("image/png", 1, 1), (picture.ContentType, picture.Width, picture.Height));
        Assert.Equal((TimeSpan.FromSeconds(0.5), 0.003m, "done"), (ended.PredictTime, ended.Cost, ended.Logs));
        await using var stored = await world.Get<IObjectStore>().GetAsync(picture.Key, Stop);
        Assert.Equal(picture.Length, stored!.Length);
        Assert.Empty((await world.Get<IObjectStore>().ListAsync(PredictionKeys.Open, null, 10, Stop)).Keys);
        var request = Assert.Single(world.Backend.Requests);
        Assert.Equal(ended.Input.ToJsonString(), request.Input.ToJsonString());
    }

    [Fact]
    public async Task Later_looks_follow_while_the_backend_is_at_work()
    {
        var backend = new ScriptedBackend();
        backend.Looks.Enqueue(new ObserveOutcome.Running(Started: false));
        backend.Looks.Enqueue(new ObserveOutcome.Running(Started: true));
        backend.Looks.Enqueue(new ObserveOutcome.Unavailable(Fault));
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal(4, backend.Observations);
    }

    [Fact]
    public async Task A_prediction_of_many_looks_keeps_its_history_short()
    {
        var backend = new ScriptedBackend();
        for (var i = 0; i < 30; i++)
        {
            backend.Looks.Enqueue(new ObserveOutcome.Throttled(TimeSpan.FromMilliseconds(1)));
        }

        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        var history = await world.Client.GetOrchestrationHistoryAsync(ended.Id.Value, Stop);
        Assert.InRange(history.Count, 1, 150);
    }

    [Fact]
    public async Task A_rejected_submission_fails_with_the_reason_and_is_not_repeated()
    {
        var backend = new ScriptedBackend();
        backend.Submissions.Enqueue(new SubmitOutcome.Rejected(Fault));
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, Fault), (ended.Status, ended.Failure));
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task A_submission_that_certainly_did_not_arrive_is_repeated()
    {
        var backend = new ScriptedBackend();
        backend.Submissions.Enqueue(new SubmitOutcome.NotSent(Fault));
        backend.Submissions.Enqueue(new SubmitOutcome.Throttled(TimeSpan.FromMilliseconds(10)));
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal(3, backend.Requests.Count);
    }

    [Fact]
    public async Task A_submission_whose_answer_was_lost_is_never_repeated()
    {
        var backend = new ScriptedBackend();
        var unknown = new PredictionFailure(FailureCodes.SubmissionUnknown, false, "lost");
        backend.Submissions.Enqueue(new SubmitOutcome.Unknown(unknown));
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, unknown), (ended.Status, ended.Failure));
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task With_the_setting_a_lost_submission_is_made_again()
    {
        var backend = new ScriptedBackend();
        backend.Limits = backend.Limits with { ResubmitUnknown = true };
        backend.Submissions.Enqueue(new SubmitOutcome.Unknown(Fault));
        await using var world = await PredictionWorld.StartAsync(backend);

        Assert.Equal(PredictionStatus.Succeeded, (await world.RunAsync()).Status);
        Assert.Equal(2, backend.Requests.Count);
    }

    [Fact]
    public async Task A_process_that_dies_between_mark_and_answer_leaves_an_honest_unknown()
    {
        var backend = new ScriptedBackend();
        var sent = new TaskCompletionSource();
        backend.OnSubmit = async _ =>
        {
            sent.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Stop);
        };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await sent.Task;

        // The record as a killed process leaves it; a second orchestration finds it as one after a restart does.
        var marked = await world.Store.FindAsync(Owner.Local, created.Id, Stop);
        Assert.NotNull(marked!.Submission);
        await world.Client.TerminateInstanceAsync(created.Id.Value, Stop);
        await PredictionWorld.EventuallyAsync(
            async () => (await world.Client.GetInstanceAsync(created.Id.Value, Stop))!.IsCompleted,
            "the terminated orchestration has ended"
        );
        await world.Get<Leyden.Orchestration.PredictionScheduler>().EnsureStartedAsync(marked, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(FailureCodes.SubmissionUnknown, ended.Failure?.Code);
        Assert.False(ended.Failure!.Retryable);
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task A_canceled_prediction_is_stopped_at_the_backend()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(!backend.Requests.IsEmpty), "it is submitted");

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Single(backend.Canceled);
    }

    [Fact]
    public async Task A_cancel_that_came_too_late_delivers_what_is_paid_for_and_says_so()
    {
        var backend = new ScriptedBackend
        {
            Otherwise = new ObserveOutcome.Running(Started: true),
            AfterCancel = ScriptedBackend.Done(),
        };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Contains("too late", Assert.Single(ended.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_that_does_not_confirm_the_cancel_is_named()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true), AfterCancel = null };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(!backend.Requests.IsEmpty), "it is submitted");

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Contains("may still be billed", Assert.Single(ended.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_its_deadline_a_prediction_fails_and_the_backend_is_stopped()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync(PredictionWorld.Request(deadline: PredictionOptions.ShortestDeadline));

        Assert.Equal((PredictionStatus.Failed, FailureCodes.DeadlineExceeded), (ended.Status, ended.Failure?.Code));
        Assert.True(ended.CompletedAt >= ended.Deadline);
        Assert.Single(backend.Canceled);
    }

    [Fact]
    public async Task A_prediction_that_waits_for_a_place_can_be_canceled_and_was_never_submitted()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        backend.Limits = backend.Limits with { MaxConcurrent = 1 };
        await using var world = await PredictionWorld.StartAsync(backend);
        await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(!backend.Requests.IsEmpty),
            "the first is submitted"
        );
        var second = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(
            async () => await world.Service.AheadAsync(second, Stop) == 0,
            "the second is at the head of the queue"
        );

        await world.Service.CancelAsync(Owner.Local, second.Id, world.Client, Stop);
        var ended = await world.EndAsync(second.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Empty(ended.Notes);
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task Places_are_kept_and_passed_on_in_order_of_arrival()
    {
        var backend = new ScriptedBackend();
        backend.Limits = backend.Limits with { MaxConcurrent = 2 };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = new List<Prediction>();
        for (var i = 0; i < 8; i++)
        {
            created.Add(await world.CreateAsync(PredictionWorld.Request($"number {i}")));
            var known = created[^1];
            await PredictionWorld.EventuallyAsync(
                async () => await world.Service.AheadAsync(known, Stop) is not null || !await IsQueued(world, known),
                "it stands in the queue"
            );
        }

        foreach (var prediction in created)
        {
            Assert.Equal(PredictionStatus.Succeeded, (await world.EndAsync(prediction.Id)).Status);
        }

        var order = backend.Requests.Select(r => (string)r.Input["prompt"]!);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"number {i}"), order);
    }

    [Fact]
    public async Task A_backend_that_forgets_what_it_accepted_ends_the_prediction_as_lost()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Missing() };
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(FailureCodes.BackendLost, ended.Failure?.Code);
        Assert.Equal(5, backend.Observations);
    }

    [Fact]
    public async Task A_picture_that_can_not_be_fetched_is_asked_for_again_and_then_given_up()
    {
        var backend = new ScriptedBackend
        {
            Otherwise = new ObserveOutcome.Succeeded([new Uri("data:image/png;base64,AAAA")], null, 0.003m, null),
        };
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, FailureCodes.OutputUnavailable), (ended.Status, ended.Failure?.Code));
        Assert.Equal(0.003m, ended.Cost); // it was billed, and the record says so
    }

    [Fact]
    public async Task After_a_restart_what_was_running_goes_on_and_is_not_submitted_again()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");

        await world.StopAsync();
        backend.Otherwise = ScriptedBackend.Done();
        await world.StartAsync();
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Single(backend.Requests);
    }

    private static async Task<bool> IsQueued(PredictionWorld world, Prediction prediction) =>
        (await world.Store.FindAsync(Owner.Local, prediction.Id, Stop))!.Status == PredictionStatus.Queued;
}
