using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Azure.Storage.Queues;
using Leyden.Emulators.Eachlabs;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.FunctionsHost;
using Leyden.Intake;
using Leyden.TestSupport;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions.Tests;

/// <summary>The test host does what the real host is known to do, so that tests on it mean something there.</summary>
public sealed class HostTests(AzuriteFixture azurites)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v2/prediction")]
    [InlineData("GET", "/v1/prediction")]
    [InlineData("PUT", "/v1/prediction/01m87cb3e83gcjw989vf1sfnkz")]
    [InlineData("HEAD", "/v1/predictions")]
    public async Task A_path_or_method_that_no_function_has_is_an_empty_404(string method, string path)
    {
        await using var world = await World.StartAsync(azurites);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var answer = await world.Caller.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task The_app_is_healthy_and_ready()
    {
        await using var world = await World.StartAsync(azurites);

        using var alive = await world.Caller.Http.GetAsync("healthz", Cancellation);
        using var ready = await world.Caller.Http.GetAsync("readyz", Cancellation);

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.True(ready.IsSuccessStatusCode, await ready.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Timers_run_on_demand()
    {
        await using var world = await World.StartAsync(azurites);
        string[] timers = ["HealPredictions", "DeleteOldPredictions", "ForgetOrchestrations"];
        foreach (var timer in timers)
        {
            using var answer = await world.Caller.Http.PostAsync(
                $"admin/functions/{timer}",
                content: null,
                Cancellation
            );
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        Assert.False(await world.Host.RunTimerAsync("CreatePrediction", Cancellation));
    }

    [Fact]
    public async Task The_queue_that_the_app_listens_to_is_there_once_the_upkeep_has_run()
    {
        await using var world = await World.StartAsync(azurites);
        var queue = world.Open(QueueOptions.Name);
        await queue.DeleteIfExistsAsync(Cancellation);

        Assert.True(await world.Host.RunTimerAsync("HealPredictions", Cancellation));

        Assert.True(await queue.ExistsAsync(Cancellation));
    }

    [Fact]
    public async Task A_message_is_handed_over_once_and_one_that_always_fails_ends_in_the_poison_queue()
    {
        await using var world = await World.StartAsync(azurites);
        var queue = await world.QueueAsync(world.Queue);
        await queue.SendMessageAsync("good", Cancellation);
        await queue.SendMessageAsync("bad", Cancellation);

        var poison = await world.QueueAsync($"{world.Queue}-poison");
        var start = TimeProvider.System.GetTimestamp();
        while (await CountAsync(poison) == 0 || await CountAsync(queue) > 0)
        {
            var isLate = TimeProvider.System.GetElapsedTime(start) > ApiCaller.Patience;
            Assert.False(isLate, $"No message is poison; received: {string.Join(", ", world.Received)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }

        var dead = (await poison.PeekMessageAsync(Cancellation)).Value;
        Assert.Equal("bad", dead.Body.ToString());
        Assert.Equal(1, world.Received.Count(m => m == ("good", 1L)));
        Assert.Equal([1, 2, 3, 4, 5], world.Received.Where(m => m.Text == "bad").Select(m => m.Attempt));
    }

    private static async Task<int> CountAsync(QueueClient queue) =>
        (await queue.GetPropertiesAsync(Cancellation)).Value.ApproximateMessagesCount;

    /// <summary>A running host with a function of its own on a queue of its own.</summary>
    private sealed class World : IAsyncDisposable
    {
        private Azurite _azurite = null!;
        private EachlabsEmulator _emulator = null!;

        public FunctionsTestHost Host { get; private set; } = null!;

        public ApiCaller Caller { get; private set; } = null!;

        public string Queue { get; } = $"sample-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

        public ConcurrentQueue<(string Text, long Attempt)> Received { get; } = [];

        public static async Task<World> StartAsync(AzuriteFixture azurites)
        {
            var world = new World { _azurite = await azurites.GetAsync(Cancellation) };
            world._emulator = await EachlabsEmulator.StartAsync(new EachlabsEmulatorOptions(), Cancellation);
            var settings = HostSettings.Create(world._azurite, world._emulator);
            settings["SAMPLE_QUEUE"] = world.Queue;
            settings["AzureFunctionsJobHost__extensions__queues__visibilityTimeout"] = "00:00:00";
            settings["AzureFunctionsJobHost__extensions__queues__maxPollingInterval"] = "00:00:00.1";
            world.Host = await FunctionsTestHost.StartAsync(
                new FunctionsHostOptions
                {
                    Settings = settings,
                    Assemblies = [typeof(SampleFunctions).Assembly],
                    Configure = services => services.AddSingleton(world.Received),
                },
                Cancellation
            );
            world.Caller = new ApiCaller(world.Host.Url);
            return world;
        }

        public QueueClient Open(string name) =>
            new(
                _azurite.ConnectionString,
                name,
                new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }
            );

        public async Task<QueueClient> QueueAsync(string name)
        {
            var client = Open(name);
            await client.CreateIfNotExistsAsync(cancellationToken: Cancellation);
            return client;
        }

        public async ValueTask DisposeAsync()
        {
            Caller.Dispose();
            await Host.DisposeAsync();
            await _emulator.DisposeAsync();
        }
    }
}

/// <summary>A function of the tests.</summary>
public sealed class SampleFunctions(ConcurrentQueue<(string Text, long Attempt)> received)
{
    /// <summary>Notes each message; some are bad.</summary>
    [Function(nameof(TakeSample))]
    public void TakeSample([QueueTrigger("%SAMPLE_QUEUE%")] string message, long dequeueCount)
    {
        received.Enqueue((message, dequeueCount));
        if (message == "bad")
        {
            throw new InvalidOperationException("A bad message.");
        }
    }
}
