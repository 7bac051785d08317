using Leyden.Emulators.Eachlabs;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.FunctionsHost;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.TestSupport;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions.Tests;

/// <summary>
/// Couriers on the Azure Storage task hub: children that their prediction's orchestration starts, does not wait for and may be forgotten
/// before.
/// </summary>
public sealed class DeliveryTests(AzuriteFixture azurites)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_and_end_are_told_in_order_and_the_parent_ends_and_may_be_purged_while_an_attempt_is_due()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(500) },
            Cancellation
        );
        await using var receiver = await WebhookReceiver.StartAsync(_ => ValueTask.CompletedTask, Cancellation);
        var isAway = true;
        receiver.Refuses = body => Volatile.Read(ref isAway) && (string?)body["type"] == "prediction.succeeded";
        var settings = HostSettings.Create(azurite, emulator);
        settings["Leyden__Webhooks__Schedule"] = "0s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s,3s";
        await using var host = await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions { Settings = settings },
            Cancellation
        );
        var client = host.Services.GetRequiredService<DurableTaskClient>();
        using var caller = new ApiCaller(host.Url);

        var id = await caller.CreateAsync("a superhero smiling", webhook: receiver.Url);
        var parent = await client.WaitForInstanceCompletionAsync(id, Cancellation);
        await EventuallyAsync(() => Task.FromResult(Types(receiver).Contains("prediction.succeeded")));

        Assert.Equal(OrchestrationRuntimeStatus.Completed, parent.RuntimeStatus);
        var courier = await LogAsync(host, id);
        Assert.Equal(DeliveryState.Pending, courier.Entries[^1].State);
        Assert.Equal(1, (await client.PurgeInstanceAsync(id, Cancellation)).PurgedInstanceCount);
        Assert.Null(await client.GetInstanceAsync(id, Cancellation));
        Volatile.Write(ref isAway, false);

        await EventuallyAsync(async () => (await LogAsync(host, id)).Pending is null);
        var log = await LogAsync(host, id);
        Assert.All(log.Entries, entry => Assert.Equal(DeliveryState.Delivered, entry.State));
        Assert.Equal(courier.InCharge, log.InCharge); // the same courier all along
        var work = new DeliveryWork(Owner.Local, PredictionId.Parse(id), log.Target, log.InCharge);
        var child = await client.WaitForInstanceCompletionAsync(work.InstanceId, Cancellation);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, child.RuntimeStatus);
        Assert.Equal("prediction.started", Types(receiver)[0]);
        Assert.All(Types(receiver).Skip(1), type => Assert.Equal("prediction.succeeded", type));
        Assert.Equal([$"msg_{id}_started", $"msg_{id}_succeeded"], receiver.Received.Select(r => r.Id).Distinct());
        Assert.InRange(log.Entries[^1].AttemptCount, 2, int.MaxValue);
    }

    private static List<string?> Types(WebhookReceiver receiver) =>
        [.. receiver.Received.Select(r => (string?)r.Body["type"])];

    private static async Task<DeliveryLog> LogAsync(FunctionsTestHost host, string id)
    {
        var logs = host.Services.GetRequiredService<DeliveryLogs>();
        var log = await logs.FindAsync(Owner.Local, PredictionId.Parse(id), Subscription.WebhookName, Cancellation);
        Assert.NotNull(log);
        return log.Value;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ApiCaller.Patience, "It has not come about.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
