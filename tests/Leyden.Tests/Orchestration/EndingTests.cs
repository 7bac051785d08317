using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Tests.Orchestration;

/// <summary>How predictions are canceled and how they meet their deadline, on the real engine.</summary>
public sealed class EndingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
    public async Task A_cancel_that_the_backend_refuses_is_asked_for_again()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true), RefusedCancels = 1 };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Empty(ended.Notes); // the backend has confirmed it
        Assert.Single(backend.Canceled);
    }

    [Fact]
    public async Task A_cancel_waits_for_its_turn_at_the_backend()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");

        await world.Get<BackendLedger>().SilenceAsync(backend, TimeSpan.FromSeconds(2), Stop);
        var spoken = (await world.Get<BackendLedger>().ReadAsync(backend.Name, Stop)).SilentUntil;
        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.True(
            ended.Submission!.CancelSentAt >= spoken,
            $"{ended.Submission.CancelSentAt:O} is before {spoken:O}"
        );
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
    public async Task A_cancel_that_comes_while_the_result_is_read_is_told_that_it_came_too_late()
    {
        var backend = new ScriptedBackend();
        await using var world = await PredictionWorld.StartAsync(backend);
        var asked = new TaskCompletionSource();
        backend.OnObserve = async () =>
        {
            await asked.Task;
            return null;
        };
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");

        await world.Service.CancelAsync(Owner.Local, created.Id, world.Client, Stop);
        asked.SetResult();
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
}
