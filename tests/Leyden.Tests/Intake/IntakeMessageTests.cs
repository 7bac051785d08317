using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using Leyden.Batches;
using Leyden.Intake;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Leyden.Tests.Batches;
using Leyden.Tests.Notifications;
using Leyden.Tests.Orchestration;
using Leyden.Tests.Telemetry;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Intake;

/// <summary>Messages in, with real queues for what can not be served and for replies.</summary>
public sealed class IntakeMessageTests(AzuriteFixture azurites)
{
    private static readonly Owner Queue = new("queue");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_one_prediction_however_often_it_is_delivered_encoded_or_not()
    {
        await using var world = await StartAsync();
        var json = """{"model":"sdxl-lightning-4step","input":{"prompt":"a cat"},"deadline":"90s"}""";
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(json));

        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());

        await HandleAsync(world, "m-1", json);
        await HandleAsync(world, "m-1", encoded, delivery: 2);

        var prediction = Assert.Single((await world.Store.ListAsync(Queue, null, 10, Stop)).Predictions);
        Assert.Equal(TimeSpan.FromSeconds(90), prediction.Deadline - prediction.CreatedAt);
        Assert.Equal(
            ["taken", "taken"],
            metrics.Of("leyden.intake.messages").Select(m => (string)m[TelemetryTags.Outcome]!)
        );
    }

    [Fact]
    public async Task The_end_is_told_to_the_reply_queue_with_the_correlation_id()
    {
        await using var world = await StartAsync();
        var name = "replies-" + Guid();
        var replies = world.Get<QueueAccount>().Open(name);
        await replies.CreateAsync(cancellationToken: Stop);

        await HandleAsync(
            world,
            "m-2",
            $$"""{"model":"sdxl-lightning-4step","input":{"prompt":"a cat"},"reply_queue":"{{name}}","correlation_id":"c-17"}"""
        );

        var reply = await NextAsync(replies);
        Assert.Equal("leyden.prediction.succeeded", reply["type"]!.GetValue<string>());
        Assert.Contains("c-17", reply.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_may_be_a_batch_or_name_an_upload_and_another_owner()
    {
        await using var world = await StartAsync();
        using var upload = new MemoryStream(Encoding.UTF8.GetBytes(BatchDriver.Lines(3)));
        await world
            .Get<IObjectStore>()
            .PutAsync(new ObjectKey("uploads/three.jsonl"), upload, "application/jsonl", WriteCondition.None, Stop);

        await HandleAsync(world, "m-3", """["a cat",{"prompt":"a dog"}]""");
        await HandleAsync(world, "m-4", """{"batch":{"blob":"uploads/three.jsonl"},"owner":"alice"}""");
        await HandleAsync(world, "m-4", """{"batch":{"blob":"uploads/three.jsonl"},"owner":"alice"}""", delivery: 2);
        await HandleAsync(world, "m-5", """{"batch":{"prompts":["a fox"]},"owner":"bob","idempotency_key":"k"}""");

        Assert.Equal(2, await TotalAsync(world, Queue));
        Assert.Equal(3, await TotalAsync(world, new Owner("alice")));
        Assert.Equal(1, await TotalAsync(world, new Owner("bob")));
    }

    [Theory]
    [InlineData("{", "no valid JSON")]
    [InlineData("7", "must be a JSON object or an array")]
    [InlineData("""{"model":"sdxl-lightning-4step","input":{"prompt":"a","width":3}}""", "width is 3")]
    [InlineData(
        """{"model":"sdxl-lightning-4step","input":{"prompt":"a"},"corelation_id":"c"}""",
        "did you mean correlation_id"
    )]
    [InlineData("""{"batch":{"blob":"outputs/x"}}""", "under uploads/")]
    [InlineData("""{"batch":{"blob":"uploads/missing"}}""", "There is no object")]
    public async Task What_is_at_fault_goes_to_the_poison_queue_at_once_with_the_reason(string message, string reason)
    {
        await using var world = await StartAsync();
        using var metrics = new RecordedMetrics(world.Get<IMeterFactory>());
        var id = Guid();

        await HandleAsync(world, id, message);

        var poison = await PoisonAsync(world, id);
        Assert.Contains(reason, poison["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(message, poison["message"]!.GetValue<string>());
        Assert.Empty((await world.Store.ListAsync(Queue, null, 10, Stop)).Predictions);
        Assert.Equal("poison", Assert.Single(metrics.Of("leyden.intake.messages"))[TelemetryTags.Outcome]);
    }

    [Fact]
    public async Task What_fails_outside_is_delivered_again_and_poison_at_its_last_delivery()
    {
        FaultyObjectStore? faulty = null;
        await using var world = await StartAsync(store => faulty = new FaultyObjectStore(store));
        var json = """{"model":"sdxl-lightning-4step","input":{"prompt":"a cat"}}""";
        var id = Guid();
        _ = world.Store;
        faulty!.FailsEvery = 1;

        await Assert.ThrowsAsync<IOException>(() => HandleAsync(world, id, json, delivery: 4));
        await HandleAsync(world, id, json, delivery: 5);

        Assert.Contains(
            "5 deliveries",
            (await PoisonAsync(world, id))["reason"]!.GetValue<string>(),
            StringComparison.Ordinal
        );
    }

    private static Task HandleAsync(PredictionWorld world, string id, string message, long delivery = 1) =>
        world
            .Get<IntakeMessages>()
            .HandleAsync(new IntakeMessage(id, Encoding.UTF8.GetBytes(message), delivery), world.Client, Stop);

    private static string Guid() =>
        System.Security.Cryptography.RandomNumberGenerator.GetHexString(12, lowercase: true);

    private static async Task<int> TotalAsync(PredictionWorld world, Owner owner) =>
        Assert.Single((await world.Get<BatchStore>().ListAsync(owner, null, 10, Stop)).Batches).Total;

    private static async Task<JsonNode> PoisonAsync(PredictionWorld world, string id)
    {
        // Tests share the queue of this name.
        var queue = world.Get<QueueAccount>().Open(QueueOptions.PoisonName);
        JsonNode? found = null;
        await PredictionWorld.EventuallyAsync(
            async () =>
            {
                var peeked = await queue.PeekMessagesAsync(32, Stop);
                found = peeked
                    .Value.Select(m => JsonNode.Parse(m.Body.ToString())!)
                    .FirstOrDefault(m => m["message_id"]!.GetValue<string>() == id);
                return found is not null;
            },
            "the message is in the poison queue"
        );
        return found!;
    }

    private static async Task<JsonNode> NextAsync(QueueClient queue)
    {
        JsonNode? found = null;
        await PredictionWorld.EventuallyAsync(
            async () =>
            {
                var message = await queue.ReceiveMessageAsync(cancellationToken: Stop);
                found = message.Value is { } received ? JsonNode.Parse(received.Body.ToString()) : null;
                return found is not null;
            },
            "a reply comes"
        );
        return found!;
    }

    private async Task<PredictionWorld> StartAsync(Func<IObjectStore, IObjectStore>? decorate = null)
    {
        var azurite = await azurites.GetAsync(Stop);
        return await PredictionWorld.StartAsync(
            decorate: decorate,
            configure: builder =>
            {
                builder.Services.Configure<StorageOptions>(o => o.ConnectionString = azurite.ConnectionString);
                builder.Services.AddSingleton<IPredictionWriter, DeliveryWorld.PlainWriter>();
            }
        );
    }
}
