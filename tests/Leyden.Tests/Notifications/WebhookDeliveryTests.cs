using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Tests.Orchestration;
using Microsoft.AspNetCore.Http;

namespace Leyden.Tests.Notifications;

public sealed class WebhookDeliveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_and_an_end_are_told_in_order_once_each()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();

        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url));
        var log = await world.QuietAsync(ended.Id, events: 2);

        Assert.Equal(["prediction.started", "prediction.succeeded"], receiver.Types);
        Assert.Equal([$"msg_{ended.Id}_started", $"msg_{ended.Id}_succeeded"], receiver.Requests.Select(r => r.Id));
        Assert.Equal(["Processing", "Succeeded"], receiver.Requests.Select(r => (string?)r.Json["status"]));
        Assert.Equal([0, 1], receiver.Requests.Select(r => r.Json["output"]!.AsArray().Count));
        Assert.All(log.Entries, e => Assert.Equal((DeliveryState.Delivered, 1), (e.State, e.AttemptCount)));
        Assert.All(log.Entries, e => Assert.Equal(204, e.Attempts.Single().Status));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task What_is_not_taken_is_told_again_under_the_same_id_and_later_events_wait(int status)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.FailFirst(2, status, ("Location", receiver.Url));
        await using var world = await DeliveryWorld.StartAsync();

        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url));
        var log = await world.QuietAsync(ended.Id, events: 2);

        Assert.Equal(
            ["prediction.started", "prediction.started", "prediction.started", "prediction.succeeded"],
            receiver.Types
        );
        Assert.Equal(2, receiver.Requests.DistinctBy(r => r.Id).Count());
        Assert.Equal([status, status, 204], log.Entries[0].Attempts.Select(a => a.Status!.Value));
        Assert.Equal($"status {status}", log.Entries[0].Attempts[0].Answer);
    }

    [Fact]
    public async Task A_prediction_that_nobody_wants_to_hear_of_has_no_log_and_no_courier()
    {
        await using var world = await DeliveryWorld.StartAsync();

        var ended = await world.RunAsync();

        Assert.Empty(await world.Get<DeliveryLogs>().ListAsync(Owner.Local, ended.Id, Stop));
        var instances = new List<string>();
        await foreach (var instance in world.Client.GetAllInstancesAsync().WithCancellation(Stop))
        {
            instances.Add(instance.InstanceId);
        }

        Assert.Equal([ended.Id.Value], instances);
    }

    [Fact]
    public async Task The_default_filter_of_a_webhook_is_the_end_alone()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();

        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, events: PredictionEventWords.Ends));
        await world.QuietAsync(ended.Id);

        Assert.Equal(["prediction.succeeded"], receiver.Types);
    }

    [Fact]
    public async Task After_410_nothing_more_is_told()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(StatusCodes.Status410Gone);
        await using var world = await DeliveryWorld.StartAsync();

        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url));
        var log = await world.QuietAsync(ended.Id, events: 2);

        Assert.Equal(["prediction.started"], receiver.Types);
        Assert.Equal(TargetState.Gone, log.State);
        Assert.All(log.Entries, e => Assert.Equal(DeliveryState.Gone, e.State));
    }

    [Fact]
    public async Task A_receiver_that_never_answers_well_is_parked_and_listed_and_later_events_are_parked_at_once()
    {
        var backend = new ScriptedBackend { Otherwise = new Leyden.Backends.ObserveOutcome.Running(Started: true) };
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(500);
        await using var world = await DeliveryWorld.StartAsync(backend);

        var created = await world.CreateAsync(DeliveryWorld.Request(receiver.Url));
        var parked = await world.QuietAsync(created.Id);
        backend.Otherwise = ScriptedBackend.Done();
        await world.EndAsync(created.Id);
        var log = await world.QuietAsync(created.Id, events: 2);

        Assert.Equal(
            (TargetState.Parked, DeliveryState.Parked, 4),
            (parked.State, parked.Entries[0].State, parked.Entries[0].AttemptCount)
        );
        Assert.Equal((DeliveryState.Parked, 0), (log.Entries[1].State, log.Entries[1].AttemptCount));
        Assert.Equal(4, receiver.Requests.Count);
        var listed = await world.Get<DeliveryLogs>().ListParkedAsync(Owner.Local, null, null, 10, Stop);
        Assert.Equal([(created.Id, Subscription.WebhookName)], listed.Deliveries);
    }

    [Fact]
    public async Task A_deletion_takes_log_secret_and_parking_mark()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(500);
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync(DeliveryWorld.Request(receiver.Url, "a secret"));
        await world.QuietAsync(ended.Id, events: 2);

        await world.Service.DeleteAsync(Owner.Local, ended.Id, Stop);

        var objects = world.Get<Leyden.Storage.IObjectStore>();
        Assert.Empty((await objects.ListAsync("deliveries/", null, 10, Stop)).Keys);
        Assert.Empty((await objects.ListAsync("parked/", null, 10, Stop)).Keys);
    }
}
