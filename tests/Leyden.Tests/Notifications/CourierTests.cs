using Leyden.Notifications;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Notifications;

/// <summary>
/// Who delivers when the step that notes an event ran twice: it named two couriers, and one of its two results is taken, nobody knows
/// which.
/// </summary>
public sealed class CourierTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Whichever_is_started_delivers(int started)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();
        var named = await NameTwiceAsync(world, receiver);

        await world.Get<DeliveryScheduler>().StartAsync([named[started]], world.Client, Stop);

        var log = await world.QuietAsync(named[0].Id);
        Assert.Equal(DeliveryState.Delivered, Assert.Single(log.Entries).State);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Of_two_that_are_started_one_delivers()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();
        var named = await NameTwiceAsync(world, receiver);

        await world.Get<DeliveryScheduler>().StartAsync(named, world.Client, Stop);
        foreach (var courier in named)
        {
            await world.Client.WaitForInstanceCompletionAsync(courier.InstanceId, Stop);
        }

        Assert.Single(receiver.Requests);
    }

    /// <summary>Notes the success of a prediction twice, and starts nobody.</summary>
    private static async Task<IReadOnlyList<DeliveryWork>> NameTwiceAsync(PredictionWorld world, Receiver receiver)
    {
        // It wants to hear of failures only, so that its own orchestration names nobody.
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: [PredictionEvent.Failed]));
        var curious = ended with
        {
            Subscriptions = [ended.Subscriptions[0] with { Events = [PredictionEvent.Succeeded] }],
        };
        var outbox = world.Get<Outbox>();
        var first = Assert.Single(await outbox.AppendAsync(curious, PredictionEvent.Succeeded, Stop));
        var second = Assert.Single(await outbox.AppendAsync(curious, PredictionEvent.Succeeded, Stop));
        Assert.NotEqual(first.InstanceId, second.InstanceId);
        return [first, second];
    }
}
