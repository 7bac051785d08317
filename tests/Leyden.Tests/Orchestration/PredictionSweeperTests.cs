using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Tests.Orchestration;

public sealed class PredictionSweeperTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_accepted_and_never_started_is_started()
    {
        await using var world = await PredictionWorld.StartAsync();
        var forgotten = Accepted(Now.AddMinutes(-1), Now.AddMinutes(9));
        await world.Store.AddAsync(forgotten, Stop);

        Assert.Equal(1, await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop));

        Assert.Equal(PredictionStatus.Succeeded, (await world.EndAsync(forgotten.Id)).Status);
        Assert.Single(world.Backend.Requests);
    }

    [Fact]
    public async Task What_was_accepted_a_moment_ago_is_left_to_whoever_accepts_it()
    {
        await using var world = await PredictionWorld.StartAsync();
        await world.Store.AddAsync(Accepted(Now, Now.AddMinutes(10)), Stop);

        Assert.Equal(0, await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop));
        Assert.Empty(world.Backend.Requests);
    }

    [Fact]
    public async Task An_orchestration_that_was_terminated_is_begun_again_and_bills_nothing_twice()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var prediction = Accepted(Now.AddMinutes(-1), Now.AddMinutes(9));
        await world.Store.AddAsync(prediction, Stop);
        await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop);
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");
        await world.Client.TerminateInstanceAsync(prediction.Id.Value, Stop);
        await world.Client.WaitForInstanceCompletionAsync(prediction.Id.Value, Stop);

        backend.Otherwise = ScriptedBackend.Done();
        await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop);

        Assert.Equal(PredictionStatus.Succeeded, (await world.EndAsync(prediction.Id)).Status);
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task A_prediction_long_past_its_deadline_ends_at_once_when_it_is_found()
    {
        await using var world = await PredictionWorld.StartAsync();
        var late = Accepted(Now.AddHours(-5), Now.AddHours(-4)) with
        {
            Submission = new Submission(Now.AddHours(-5)),
            Status = PredictionStatus.Starting,
        };
        await world.Store.AddAsync(late, Stop);

        await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop);
        var ended = await world.EndAsync(late.Id);

        Assert.Equal((PredictionStatus.Failed, FailureCodes.SubmissionUnknown), (ended.Status, ended.Failure?.Code));
        Assert.Empty(world.Backend.Requests);
    }

    [Fact]
    public async Task A_marker_of_what_has_ended_or_never_was_is_cleared_away()
    {
        await using var world = await PredictionWorld.StartAsync();
        var objects = world.Get<IObjectStore>();
        var ended = Accepted(Now.AddHours(-1), Now) with
        {
            Status = PredictionStatus.Succeeded,
            CompletedAt = Now.AddMinutes(-59),
        };
        await world.Store.AddAsync(ended, Stop);
        var never = Accepted(Now.AddHours(-1), Now);
        await world.Store.AddAsync(never, Stop);
        await objects.DeleteAsync(PredictionKeys.Record(never.Owner, never.Id), Stop);

        Assert.Equal(0, await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop));

        Assert.Empty((await objects.ListAsync(PredictionKeys.Open, null, 10, Stop)).Keys);
    }

    [Fact]
    public async Task Only_what_has_ended_and_is_older_than_the_retention_is_deleted()
    {
        await using var world = await PredictionWorld.StartAsync();
        var old = Accepted(Now.AddDays(-31), Now) with { Status = PredictionStatus.Succeeded };
        var oldButOpen = Accepted(Now.AddDays(-31), Now);
        var young = Accepted(Now.AddDays(-29), Now) with { Status = PredictionStatus.Succeeded };
        foreach (var prediction in new[] { old, oldButOpen, young })
        {
            await world.Store.AddAsync(prediction, Stop);
        }

        Assert.Equal(1, await world.Get<PredictionSweeper>().DeleteOldAsync(Stop));

        Assert.Null(await world.Store.FindAsync(Owner.Local, old.Id, Stop));
        Assert.NotNull(await world.Store.FindAsync(Owner.Local, oldButOpen.Id, Stop));
        Assert.NotNull(await world.Store.FindAsync(Owner.Local, young.Id, Stop));
    }

    private static Prediction Accepted(DateTimeOffset at, DateTimeOffset deadline) =>
        new()
        {
            Id = PredictionId.New(at, Randomness.Create()),
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = new JsonObject { ["prompt"] = "a cat", ["num_outputs"] = 1 },
            Workload = "2^6",
            Backend = "scripted",
            Status = PredictionStatus.Queued,
            CreatedAt = at,
            Deadline = deadline,
        };
}
