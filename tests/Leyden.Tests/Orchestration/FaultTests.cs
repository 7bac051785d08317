using Leyden.Predictions;

namespace Leyden.Tests.Orchestration;

/// <summary>What becomes of predictions while the object store fails now and then, before or after it acts.</summary>
public sealed class FaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(19)]
    [InlineData(31)]
    [InlineData(53)]
    public async Task Every_prediction_ends_and_none_is_submitted_twice(int failsEvery)
    {
        FaultyObjectStore store = null!;
        await using var world = await PredictionWorld.StartAsync(decorate: inner => store = new(inner));
        var created = new List<Prediction>();
        for (var i = 0; i < 12; i++)
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
        Assert.All(world.Backend.Requests.CountBy(r => (string)r.Input["prompt"]!), s => Assert.Equal(1, s.Value));
        foreach (var prediction in created)
        {
            var ended = await world.Store.FindAsync(Owner.Local, prediction.Id, Stop);
            Assert.True(
                ended
                    is { Status: PredictionStatus.Succeeded, Outputs.Count: 1 }
                        or { Status: PredictionStatus.Failed, Failure.Code: FailureCodes.SubmissionUnknown },
                $"{ended}"
            );
        }
    }

    [Fact]
    public async Task When_the_store_stays_away_the_prediction_ends_as_soon_as_it_is_back()
    {
        FaultyObjectStore store = null!;
        await using var world = await PredictionWorld.StartAsync(decorate: inner => store = new(inner));
        var created = await world.CreateAsync();

        store.FailsEvery = 1;
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(store.Failures > 2),
            "a step has failed and was repeated"
        );
        store.FailsEvery = 0;

        Assert.True((await world.EndAsync(created.Id)).Status.IsTerminal());
        Assert.InRange(world.Backend.Requests.Count, 0, 1);
    }
}
