using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Leyden.Emulators.Eachlabs;
using Leyden.Intake;
using Leyden.Local.Tests.Infrastructure;
using Leyden.TestSupport;

namespace Leyden.Local.Tests;

/// <summary>The local host takes messages where it has a storage account (the real Azurite).</summary>
public sealed class QueueTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task A_message_is_served_and_answered_and_one_that_can_not_be_goes_to_the_poison_queue_with_its_reason()
    {
        // Queue names are fixed, so an account of its own keeps the messages of other tests out.
        await using var azurite = await Azurite.StartAsync(folder: null, Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(100) },
            Cancellation
        );
        _home.Use(emulator);
        _home.Environment["Leyden__Storage__ConnectionString"] = azurite.ConnectionString;
        using var server = await LeydenServer.StartAsync(_home);
        var queue = new QueueClient(azurite.ConnectionString, QueueOptions.Name);
        await queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);

        await queue.SendMessageAsync(
            """
            {
                "model": "sdxl-lightning-4step",
                "input": {"prompt": "a cat by post", "width": 256, "height": 256},
                "reply_queue": "replies",
                "correlation_id": "order 7"
            }
            """,
            Cancellation
        );
        SendReceipt faulty = await queue.SendMessageAsync("draw me a dog!", Cancellation);

        var reply = await ReceiveAsync(new QueueClient(azurite.ConnectionString, "replies"));
        var poison = await ReceiveAsync(new QueueClient(azurite.ConnectionString, QueueOptions.PoisonName));
        Assert.Contains("a cat by post", reply.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("order 7", reply.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(faulty.MessageId, (string?)poison["message_id"]);
        Assert.StartsWith("The message is no valid JSON", (string?)poison["reason"], StringComparison.Ordinal);
        Assert.Equal("draw me a dog!", (string?)poison["message"]);
    }

    /// <summary>Waits for a message of ours, which is Base64.</summary>
    private static async Task<JsonObject> ReceiveAsync(QueueClient queue)
    {
        await queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            QueueMessage? message = await queue.ReceiveMessageAsync(cancellationToken: Cancellation);
            if (message is not null)
            {
                var text = Encoding.UTF8.GetString(Convert.FromBase64String(message.Body.ToString()));
                return JsonNode.Parse(text)!.AsObject();
            }

            var isLate = TimeProvider.System.GetElapsedTime(start) > LeydenProcess.Patience;
            Assert.False(isLate, $"{queue.Name} got no message.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }
}
