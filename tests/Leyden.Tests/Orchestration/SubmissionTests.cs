using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Tests.Orchestration;

/// <summary>How predictions are given to their backend: at most once, on the real engine.</summary>
public sealed class SubmissionTests
{
    private static readonly PredictionFailure Fault = new("test_fault", true, "told to fail", "in detail");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
}
