using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Notifications;

public sealed class RedeliveryTests
{
    private const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_parked_is_told_in_order_under_the_same_ids_when_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.FailFirst(4, 500);
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url));
        await world.QuietAsync(ended.Id, events: 2);

        await RedeliverAsync(world, ended.Id);
        var log = await world.QuietAsync(ended.Id, events: 2);

        Assert.All(log.Entries, e => Assert.Equal(DeliveryState.Delivered, e.State));
        Assert.Equal(["prediction.started", "prediction.succeeded"], receiver.Types.TakeLast(2));
        Assert.Equal(2, receiver.Requests.DistinctBy(r => r.Id).Count());
        await PredictionWorld.EventuallyAsync(
            async () =>
                (await world.Get<DeliveryService>().ListParkedAsync(Owner.Local, null, 10, Stop)).Parked.Count == 0,
            "nothing is listed as parked"
        );
    }

    [Theory]
    [InlineData(null, "prediction.succeeded")]
    [InlineData(PredictionEvent.Started, "prediction.started")]
    public async Task What_was_delivered_can_be_told_again(PredictionEvent? only, string expected)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url));
        await world.QuietAsync(ended.Id, events: 2);

        await RedeliverAsync(world, ended.Id, only);
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(receiver.Requests.Count == 3), "it is told again");

        Assert.Equal(expected, receiver.Types.Last());
        Assert.Equal(2, receiver.Requests.DistinctBy(r => r.Id).Count());
    }

    [Fact]
    public async Task A_redelivery_does_not_wait_for_the_schedule()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.FailFirst(1, 500);
        await using var world = await DeliveryWorld.StartAsync(settings: ("Leyden:Webhooks:Schedule", "0s,1d"));
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: PredictionEventWords.Ends));
        await PredictionWorld.EventuallyAsync(
            async () => (await world.LogAsync(ended.Id)).Entries[0].AttemptCount == 1,
            "the first attempt has failed"
        );

        await RedeliverAsync(world, ended.Id);
        var log = await world.QuietAsync(ended.Id);

        Assert.Equal(DeliveryState.Delivered, log.Entries.Single().State);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_answer_is_out_of_service_for_all_until_it_is_resumed()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.FailFirst(4, 500);
        await using var world = await DeliveryWorld.StartAsync(
            settings:
            [
                ("Leyden:Webhooks:Endpoints:shop:Url", receiver.Url),
                ("Leyden:Webhooks:Endpoints:shop:Secret", Secret),
                ("Leyden:Webhooks:Endpoints:shop:Events", "succeeded"),
            ]
        );
        var service = world.Get<DeliveryService>();
        var first = await world.RunAsync();
        await world.QuietAsync(first.Id, "endpoint-shop");
        var second = await world.RunAsync();
        var parked = await world.QuietAsync(second.Id, "endpoint-shop");

        Assert.Equal((DeliveryState.Parked, 0), (parked.Entries[0].State, parked.Entries[0].AttemptCount));
        var listed = Assert.Single(await service.ConfiguredAsync(Owner.Local, Stop));
        Assert.Equal(TargetState.Parked, listed.OutOfService?.State);
        Assert.Equal(2, (await service.ListParkedAsync(Owner.Local, null, 10, Stop)).Parked.Count);

        Assert.Equal((2, false), await service.ResumeAsync(Owner.Local, "shop", world.Client, Stop));
        await world.QuietAsync(first.Id, "endpoint-shop");
        await world.QuietAsync(second.Id, "endpoint-shop");

        Assert.Equal(
            new[] { first.Id, second.Id }.Select(id => $"msg_{id}_succeeded").Order(),
            receiver.Requests.Skip(4).Select(r => r.Id).Order()
        );
        Assert.Null((await service.ConfiguredAsync(Owner.Local, Stop)).Single().OutOfService);
    }

    [Fact]
    public async Task Endpoints_get_the_events_and_owners_that_they_are_configured_for()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync(
            settings:
            [
                ("Leyden:Webhooks:Endpoints:all:Url", receiver.Url),
                ("Leyden:Webhooks:Endpoints:all:Secret", Secret),
                ("Leyden:Webhooks:Endpoints:others:Url", receiver.Url),
                ("Leyden:Webhooks:Endpoints:others:Secret", Secret),
                ("Leyden:Webhooks:Endpoints:others:Owners", "alice, bob"),
            ]
        );

        var ended = await world.RunAsync();
        await world.QuietAsync(ended.Id, "endpoint-all", events: 2);

        Assert.Equal(["prediction.started", "prediction.succeeded"], receiver.Types);
        var alice = await world.Get<DeliveryService>().ConfiguredAsync(new Owner("alice"), Stop);
        Assert.Equal(["endpoint-all", "endpoint-others"], alice.Select(c => c.Target.Name));
    }

    private static async Task RedeliverAsync(PredictionWorld world, PredictionId id, PredictionEvent? only = null)
    {
        var log = await world
            .Get<DeliveryService>()
            .RedeliverAsync(Owner.Local, id, Subscription.WebhookName, only, world.Client, Stop);
        Assert.NotNull(log);
    }
}
