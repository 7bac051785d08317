using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Notifications;

/// <summary>No event is lost, and the order holds, whatever is cut short between.</summary>
public sealed class OutboxFaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(23)]
    public async Task While_the_store_fails_now_and_then_every_event_is_told_in_order(int failsEvery)
    {
        await using var receiver = await Receiver.StartAsync();
        FaultyObjectStore store = null!;
        await using var world = await DeliveryWorld.StartAsync(decorate: inner => store = new(inner));
        var created = new List<Prediction>();
        for (var i = 0; i < 8; i++)
        {
            created.Add(await world.CreateAsync(DeliveryWorld.Request(receiver.Url, prompt: $"number {i}")));
        }

        store.FailsEvery = failsEvery;
        foreach (var prediction in created)
        {
            await world.Client.WaitForInstanceCompletionAsync(prediction.Id.Value, Stop);
        }

        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(created.All(p => receiver.Requests.Any(r => IsEndOf(p, r)))),
            "every end was told"
        );
        store.FailsEvery = 0;
        Assert.True(store.Failures > 0);
        Assert.All(created, p => AssertOrder(p, receiver));
    }

    [Fact]
    public async Task Cut_off_from_the_store_after_any_write_a_process_that_starts_again_tells_everything_in_order()
    {
        // The life of one prediction with a webhook has about so many writes; where it has fewer, the process ends after the last.
        await Task.WhenAll(Enumerable.Range(1, 16).Select(CutOffAfterAsync));
    }

    [Fact]
    public async Task A_courier_that_was_named_and_never_started_is_replaced_and_comes_too_late()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();
        var ended = await world.RunAsync();
        var told = ended with
        {
            Subscriptions =
            [
                new(Subscription.WebhookName, ChannelKind.Webhook, receiver.Url, PredictionEventWords.Ends),
            ],
        };
        await world
            .Get<IObjectStore>()
            .PutJsonAsync(PredictionKeys.Record(Owner.Local, told.Id), told, WriteCondition.None, Stop);
        var outbox = world.Get<Outbox>();

        var never = Assert.Single(await outbox.AppendAsync(told, PredictionEvent.Succeeded, Stop));
        var second = Assert.Single(await outbox.AppendAsync(told, PredictionEvent.Succeeded, Stop));
        Assert.NotEqual(never.InstanceId, second.InstanceId);
        await world.Get<DeliveryScheduler>().StartAsync([never, second], world.Client, Stop);
        await world.Client.WaitForInstanceCompletionAsync(never.InstanceId, Stop);
        await world.Client.WaitForInstanceCompletionAsync(second.InstanceId, Stop);

        Assert.Single(receiver.Requests);
        Assert.Empty(await outbox.AppendAsync(told, PredictionEvent.Succeeded, Stop)); // delivered: nobody is needed
    }

    [Fact]
    public async Task What_the_sweeper_ends_is_told_as_well()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var world = await DeliveryWorld.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var id = PredictionId.New(now.AddHours(-5), Randomness.Create());
        var ended = (await world.RunAsync()) with
        {
            Id = id,
            CompletedAt = now.AddHours(-4),
            Subscriptions =
            [
                new(Subscription.WebhookName, ChannelKind.Webhook, receiver.Url, PredictionEventWords.Ends),
            ],
        };
        await world.Store.AddAsync(ended, Stop); // as if the process had died right after the end was written

        await world.Get<PredictionSweeper>().HealAsync(world.Client, Stop);
        await world.QuietAsync(id);

        Assert.Equal([$"msg_{id}_succeeded"], receiver.Requests.Select(r => r.Id));
        Assert.Empty((await world.Get<IObjectStore>().ListAsync(PredictionKeys.Open, null, 10, Stop)).Keys);
    }

    private static async Task CutOffAfterAsync(int write)
    {
        const int acceptance = 2; // the marker and the record: without them there is no prediction
        await using var receiver = await Receiver.StartAsync();
        StoppingStore store = null!;
        await using var world = await DeliveryWorld.StartAsync(decorate: inner => store = new(inner));
        world.Get<IObjectStore>();
        store.StopAfter(acceptance + write);
        var created = await world.CreateAsync(DeliveryWorld.Request(receiver.Url, prompt: $"write {write}"));
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(store.HasStopped || receiver.Requests.Any(r => IsEndOf(created, r))),
            $"write {write} or the end"
        );
        await world.StopAsync();

        await world.StartAsync();
        await world.EndAsync(created.Id);
        await world.QuietAsync(created.Id);
        await PredictionWorld.EventuallyAsync(
            () => Task.FromResult(receiver.Requests.Any(r => IsEndOf(created, r))),
            $"the end is told although the process ended at write {write}"
        );

        AssertOrder(created, receiver);
    }

    private static bool IsEndOf(Prediction prediction, Received received) =>
        received.Id.StartsWith($"msg_{prediction.Id}_", StringComparison.Ordinal)
        && received.Type != "prediction.started";

    /// <summary>A start, if there was one, is told before the end, and no event under two ids.</summary>
    private static void AssertOrder(Prediction prediction, Receiver receiver)
    {
        var types = receiver
            .Requests.Where(r => r.Id.StartsWith($"msg_{prediction.Id}_", StringComparison.Ordinal))
            .Select(r => r.Type)
            .ToList();
        var end = types.FindIndex(type => type != "prediction.started");
        Assert.DoesNotContain("prediction.started", types.Skip(end));
        Assert.Single(types.Skip(end).Distinct());
    }

    /// <summary>A store from which its process is cut off: after so many writes every call fails.</summary>
    private sealed class StoppingStore(IObjectStore inner) : IObjectStore
    {
        private int _left = int.MaxValue;

        public bool HasStopped => Volatile.Read(ref _left) <= 0;

        public void StopAfter(int writes) => Volatile.Write(ref _left, writes);

        public Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken) =>
            WhileConnectedAsync(() => inner.GetAsync(key, cancellationToken), isWrite: false);

        public Task<string?> PutAsync(
            ObjectKey key,
            Stream content,
            string contentType,
            WriteCondition condition,
            CancellationToken cancellationToken
        ) =>
            WhileConnectedAsync(
                () => inner.PutAsync(key, content, contentType, condition, cancellationToken),
                isWrite: true
            );

        public Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
            WhileConnectedAsync(() => inner.DeleteAsync(key, cancellationToken), isWrite: true);

        public Task<ObjectPage> ListAsync(
            string prefix,
            string? cursor,
            int limit,
            CancellationToken cancellationToken
        ) => inner.ListAsync(prefix, cursor, limit, cancellationToken);

        public Task<FolderPage> ListFoldersAsync(
            string prefix,
            string? cursor,
            int limit,
            CancellationToken cancellationToken
        ) => inner.ListFoldersAsync(prefix, cursor, limit, cancellationToken);

        public ValueTask<Uri> CreateReadUrlAsync(
            ObjectKey key,
            DateTimeOffset expiresAt,
            CancellationToken cancellationToken
        ) => inner.CreateReadUrlAsync(key, expiresAt, cancellationToken);

        private async Task<T> WhileConnectedAsync<T>(Func<Task<T>> act, bool isWrite)
        {
            // The last write is done, and nobody hears of it.
            if (isWrite ? Interlocked.Decrement(ref _left) <= 0 : HasStopped)
            {
                if (isWrite && Volatile.Read(ref _left) == 0)
                {
                    await act();
                }

                throw new IOException("The process is cut off from the store.");
            }

            return await act();
        }
    }
}
