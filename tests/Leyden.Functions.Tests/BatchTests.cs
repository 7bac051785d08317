using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.FunctionsHost;
using Leyden.TestSupport;

namespace Leyden.Functions.Tests;

/// <summary>Batches through the app's own triggers, on the Azure Storage task hub.</summary>
public sealed class BatchTests(AzuriteFixture azurites)
{
    private const int Count = 45;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lanes_go_from_chunk_to_chunk_until_every_item_has_run_once()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = TimeSpan.FromMilliseconds(100),
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
            },
            Cancellation
        );
        var settings = HostSettings.Create(azurite, emulator);
        settings["Leyden__Batches__MaxConcurrent"] = "20"; // a single lane, which has to go on twice
        await using var host = await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions { Settings = settings },
            Cancellation
        );
        using var caller = new ApiCaller(host.Url);
        var prompts = new JsonArray([.. Enumerable.Range(0, Count).Select(i => JsonValue.Create($"number {i}"))]);
        var body = new JsonObject
        {
            ["input"] = new JsonObject { ["width"] = 256, ["height"] = 256 },
            ["prompts"] = prompts,
        };

        using var answer = await caller.Http.PostAsJsonAsync("v1/batches", body, Cancellation);
        var batch = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        var path = $"v1/batches/{batch!["id"]}";
        while ((string?)batch!["status"] == "processing")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation);
            batch = await caller.Http.GetFromJsonAsync<JsonObject>(path, Cancellation);
        }

        Assert.Equal("completed", (string?)batch["status"]);
        Assert.Equal(Count, (int)batch["counts"]!["succeeded"]!);
        Assert.Equal(Count, emulator.Counts.CreatesBilled);
        var lines = (await caller.Http.GetStringAsync($"{path}/results", Cancellation)).Trim().Split('\n');
        Assert.Equal(Enumerable.Range(0, Count), lines.Select(l => (int)JsonNode.Parse(l)!["index"]!));
    }
}
