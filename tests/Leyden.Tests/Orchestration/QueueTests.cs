using System.Globalization;
using Leyden.Backends;
using Leyden.Orchestration;
using Leyden.Predictions;

namespace Leyden.Tests.Orchestration;

/// <summary>How predictions wait for a place at their backend, on the real engine.</summary>
public sealed class QueueTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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

        // The orchestration says so a moment after the ledger does.
        await PredictionWorld.EventuallyAsync(
            async () =>
            {
                var instance = await world.Client.GetInstanceAsync(second.Id.Value, getInputsAndOutputs: true, Stop);
                return instance!.ReadCustomStatusAs<PredictionProgress>()?.Phase == "queued";
            },
            "the second says that it is queued"
        );

        await world.Service.CancelAsync(Owner.Local, second.Id, world.Client, Stop);
        var ended = await world.EndAsync(second.Id);

        Assert.Equal(PredictionStatus.Canceled, ended.Status);
        Assert.Empty(ended.Notes);
        Assert.Single(backend.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Places_are_kept_and_passed_on_in_order_of_arrival(int places)
    {
        var backend = new ScriptedBackend();
        backend.Limits = backend.Limits with { MaxConcurrent = places };
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

        var order = backend
            .Requests.Select(r =>
                int.Parse(((string)r.Input["prompt"]!)["number ".Length..], CultureInfo.InvariantCulture)
            )
            .ToList();
        Assert.Equal(Enumerable.Range(0, created.Count), order.Order());
        // Those that have places at the same time submit in any order.
        Assert.All(order.Index(), at => Assert.InRange(at.Item, 0, at.Index + places - 1));
    }

    private static async Task<bool> IsQueued(PredictionWorld world, Prediction prediction) =>
        (await world.Store.FindAsync(Owner.Local, prediction.Id, Stop))!.Status == PredictionStatus.Queued;
}
