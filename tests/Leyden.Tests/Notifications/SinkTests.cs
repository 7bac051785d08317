using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;
using Azure.Storage.Queues;
using Leyden.Identity;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Orchestration;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Leyden.Tests.Notifications;

/// <summary>CloudEvents to a queue (the real Azurite) and to Event Grid (its publish API, played by a handler).</summary>
public sealed class SinkTests(AzuriteFixture fixture)
{
    private const string Topic = "https://topic.westeurope-1.eventgrid.azure.net/api/events";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_events_queue_is_made_and_gets_the_events_of_all_predictions()
    {
        var (storage, open) = await StorageAsync();
        var name = NewQueueName();
        await using var world = await DeliveryWorld.StartAsync(
            services: storage,
            settings: [("Leyden:Events:Queue", name), ("Leyden:PublicBaseUrl", "https://leyden.test.dev")]
        );

        var ended = await world.RunAsync();
        await world.QuietAsync(ended.Id, DeliveryTarget.EventsQueueName, events: 2);
        var events = await ReadAsync(open(name));

        Assert.Equal(
            ["leyden.prediction.started", "leyden.prediction.succeeded"],
            events.Select(e => (string?)e["type"])
        );
        var last = events[^1];
        Assert.Equal("1.0", (string?)last["specversion"]);
        Assert.Equal($"msg_{ended.Id}_succeeded", (string?)last["id"]);
        Assert.Equal("https://leyden.test.dev/v1/prediction", (string?)last["source"]);
        Assert.Equal(ended.Id.Value, (string?)last["subject"]);
        Assert.Equal("application/json", (string?)last["datacontenttype"]);
        Assert.Equal(
            ended.CompletedAt,
            DateTimeOffset.Parse((string)last["time"]!, System.Globalization.CultureInfo.InvariantCulture)
        );
        Assert.Equal("Succeeded", (string?)last["data"]!["status"]);
        Assert.Null(last["correlationid"]);
    }

    [Fact]
    public async Task A_reply_queue_gets_the_end_with_the_senders_correlation_id()
    {
        var (storage, open) = await StorageAsync();
        var queue = open(NewQueueName());
        await queue.CreateAsync(cancellationToken: Stop);
        await using var world = await DeliveryWorld.StartAsync(services: storage);

        var ended = await world.RunAsync(
            PredictionWorld.Request() with
            {
                ReplyQueue = new ReplyQueueWish(queue.Name, "order-17", PredictionEventWords.Ends),
            }
        );
        await world.QuietAsync(ended.Id, Subscription.ReplyQueueName);

        var reply = Assert.Single(await ReadAsync(queue));
        Assert.Equal(("order-17", ended.Id.Value), ((string?)reply["correlationid"], (string?)reply["subject"]));
    }

    [Fact]
    public async Task A_reply_queue_that_is_not_there_is_not_made()
    {
        var (storage, open) = await StorageAsync();
        var queue = open(NewQueueName());
        await using var world = await DeliveryWorld.StartAsync(services: storage);

        var ended = await world.RunAsync(
            PredictionWorld.Request() with
            {
                ReplyQueue = new ReplyQueueWish(queue.Name, null, PredictionEventWords.Ends),
            }
        );
        var log = await world.QuietAsync(ended.Id, Subscription.ReplyQueueName);

        Assert.Equal((TargetState.Parked, 404), (log.State, log.Entries[0].Attempts[0].Status));
        Assert.False(await queue.ExistsAsync(Stop));
    }

    [Theory]
    [InlineData("leydenhub-control-00")]
    [InlineData("leydenhub-workitems")]
    [InlineData("requests-poison")]
    [InlineData("azure-webjobs-blobtrigger-app")]
    [InlineData("Replies")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task Queues_of_the_engine_and_impossible_names_are_refused(string queue)
    {
        var (storage, _) = await StorageAsync();
        await using var world = await DeliveryWorld.StartAsync(services: storage);

        var errors = world.Service.Check(
            PredictionWorld.Request() with
            {
                ReplyQueue = new ReplyQueueWish(queue, null, PredictionEventWords.Ends),
            }
        );

        Assert.Equal([ReplyQueueWish.QueueField], errors.Select(e => e.Field));
    }

    [Fact]
    public async Task Event_Grid_gets_a_batch_of_one_with_the_hosts_own_identity()
    {
        var topic = new PlayedTopic(200);
        await using var world = await StartWithTopicAsync(topic);

        var ended = await world.RunAsync();
        await world.QuietAsync(ended.Id, DeliveryTarget.EventGridName, events: 2);

        Assert.Equal(2, topic.Requests.Count);
        var (uri, type, authorization, body) = topic.Requests[^1];
        Assert.StartsWith(Topic + "?api-version=", uri, StringComparison.Ordinal);
        Assert.StartsWith("application/cloudevents-batch+json", type, StringComparison.Ordinal);
        Assert.Equal("Bearer token-of-the-identity", authorization);
        var sent = Assert.Single(JsonNode.Parse(body)!.AsArray());
        Assert.Equal("leyden.prediction.succeeded", (string?)sent!["type"]);
        Assert.Equal(ended.Id.Value, (string?)sent["data"]!["id"]);
    }

    [Fact]
    public async Task What_Event_Grid_refuses_is_tried_again_and_parked()
    {
        var topic = new PlayedTopic(403);
        await using var world = await StartWithTopicAsync(topic);

        var ended = await world.RunAsync();
        var log = await world.QuietAsync(ended.Id, DeliveryTarget.EventGridName, events: 2);

        Assert.Equal(TargetState.Parked, log.State);
        Assert.Equal((403, 4), (log.Entries[0].Attempts[0].Status, log.Entries[0].AttemptCount));
        Assert.Equal(4, topic.Requests.Count);
    }

    private static Task<PredictionWorld> StartWithTopicAsync(PlayedTopic topic) =>
        DeliveryWorld.StartAsync(
            services: services =>
                services
                    .AddSingleton<INotificationChannel>(provider => new EventGridChannel(
                        provider.GetRequiredService<CloudEventWriter>(),
                        provider.GetRequiredService<IOptions<WebhookOptions>>(),
                        TimeProvider.System,
                        NullLogger<EventGridChannel>.Instance,
                        uri => new EventGridPublisherClient(uri, new PlayedIdentity(), Options(topic))
                    ))
                    .Remove(services.First(s => s.ImplementationType == typeof(EventGridChannel))),
            settings: ("Leyden:Events:EventGridTopic", Topic)
        );

    private static EventGridPublisherClientOptions Options(PlayedTopic topic)
    {
        var options = new EventGridPublisherClientOptions { Transport = topic };
        options.Retry.MaxRetries = 0;
        return options;
    }

    private async Task<(Action<IServiceCollection> Use, Func<string, QueueClient> Open)> StorageAsync()
    {
        var azurite = await fixture.GetAsync(Stop);
        var account = new QueueAccount(
            Microsoft.Extensions.Options.Options.Create(
                new StorageOptions { ConnectionString = azurite.ConnectionString }
            ),
            new DeploymentIdentity()
        );
        return (
            services => services.Configure<StorageOptions>(o => o.ConnectionString = azurite.ConnectionString),
            queue => account.Open(queue)
        );
    }

    private static string NewQueueName() =>
        $"test-{PredictionId.New(TimeProvider.System.GetUtcNow(), Randomness.Create())}";

    private static async Task<IReadOnlyList<JsonObject>> ReadAsync(QueueClient queue)
    {
        var messages = await queue.ReceiveMessagesAsync(32, cancellationToken: Stop);
        return [.. messages.Value.Select(m => JsonNode.Parse(m.Body.ToString())!.AsObject())];
    }

    private sealed class PlayedIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new("token-of-the-identity", TimeProvider.System.GetUtcNow().AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }

    /// <summary>The publish API of Event Grid: keeps what was sent, answers with a status.</summary>
    private sealed class PlayedTopic(int status) : HttpClientTransport
    {
        public List<(string Uri, string? Type, string? Authorization, string Body)> Requests { get; } = [];

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            using var body = new MemoryStream();
            await message.Request.Content!.WriteToAsync(body, Stop);
            message.Request.Headers.TryGetValue("Content-Type", out var type);
            message.Request.Headers.TryGetValue("Authorization", out var authorization);
            Requests.Add(
                (
                    message.Request.Uri.ToString(),
                    type,
                    authorization,
                    System.Text.Encoding.UTF8.GetString(body.ToArray())
                )
            );
            message.Response = new PlayedResponse(status);
        }
    }

    private sealed class PlayedResponse(int status) : Azure.Response
    {
        public override int Status => status;

        public override string ReasonPhrase => "played";

        public override Stream? ContentStream { get; set; } = new MemoryStream();

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose() { }

        protected override bool ContainsHeader(string name) => false;

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

        protected override bool TryGetHeader(
            string name,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value
        )
        {
            value = null;
            return false;
        }

        protected override bool TryGetHeaderValues(
            string name,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEnumerable<string>? values
        )
        {
            values = null;
            return false;
        }
    }
}
