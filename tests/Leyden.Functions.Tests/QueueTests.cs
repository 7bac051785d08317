using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Leyden.Emulators.Eachlabs;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.FunctionsHost;
using Leyden.Intake;
using Leyden.TestSupport;

namespace Leyden.Functions.Tests;

/// <summary>Messages of the real queue through the app's own trigger, with the settings of <c>host.json</c>.</summary>
public sealed class QueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_are_served_as_plain_JSON_and_as_Base64_and_refused_with_their_reason()
    {
        // Queue names are fixed, so that an account of one's own keeps the messages of other tests out.
        await using var azurite = await Azurite.StartAsync(folder: null, Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(100) },
            Cancellation
        );
        await using var host = await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions { Settings = HostSettings.Create(azurite, emulator) },
            Cancellation
        );
        var queue = new QueueClient(azurite.ConnectionString, QueueOptions.Name);
        await queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);

        await queue.SendMessageAsync(Wish("plain"), Cancellation);
        await queue.SendMessageAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(Wish("as Base64"))), Cancellation);
        SendReceipt unreadable = await queue.SendMessageAsync("draw me a cat!", Cancellation);
        SendReceipt faulty = await queue.SendMessageAsync(
            """{"model": "sdxl-lightning-4step", "input": {"prompt": "a cat", "width": 7}}""",
            Cancellation
        );

        var poison = await ReceiveAsync(new QueueClient(azurite.ConnectionString, QueueOptions.PoisonName), 2);
        var replies = await ReceiveAsync(new QueueClient(azurite.ConnectionString, "replies"), 2);

        Assert.Equal(["as Base64", "plain"], replies.Select(r => (string)Data(r)["input"]!["prompt"]!).Order());
        Assert.All(replies, reply => Assert.Equal("success", (string?)Data(reply)["status"]));
        Assert.Equal(2, emulator.Counts.CreatesBilled);
        var reasons = poison.ToDictionary(p => (string)p["message_id"]!, p => (string)p["reason"]!);
        Assert.StartsWith("The message is no valid JSON", reasons[unreadable.MessageId], StringComparison.Ordinal);
        Assert.Contains("width", reasons[faulty.MessageId], StringComparison.Ordinal);
        Assert.Contains(poison, p => (string?)p["message"] == "draw me a cat!");
    }

    private static string Wish(string prompt) =>
        new JsonObject
        {
            ["model"] = "sdxl-lightning-4step",
            ["input"] = new JsonObject
            {
                ["prompt"] = prompt,
                ["width"] = 256,
                ["height"] = 256,
            },
            ["reply_queue"] = "replies",
        }.ToJsonString();

    private static JsonObject Data(JsonObject reply) => reply["data"]?.AsObject() ?? reply;

    /// <summary>Waits for so many messages of ours, which are Base64.</summary>
    private static async Task<IReadOnlyList<JsonObject>> ReceiveAsync(QueueClient queue, int count)
    {
        await queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        var found = new List<JsonObject>();
        var start = TimeProvider.System.GetTimestamp();
        while (found.Count < count)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < ApiCaller.Patience,
                $"{queue.Name} got {found.Count} messages, not {count}."
            );
            QueueMessage[] messages = await queue.ReceiveMessagesAsync(cancellationToken: Cancellation);
            foreach (var message in messages)
            {
                var text = Encoding.UTF8.GetString(Convert.FromBase64String(message.Body.ToString()));
                found.Add(JsonNode.Parse(text)!.AsObject());
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancellation);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }

        return found;
    }
}
