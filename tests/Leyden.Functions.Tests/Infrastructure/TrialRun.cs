using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.TestSupport;

namespace Leyden.Functions.Tests.Infrastructure;

/// <summary>One prediction on a host of its own that is killed at one point and started again.</summary>
internal static class TrialRun
{
    private const string Key = "the caller's own key for the prediction";
    private const int Outputs = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Trial> RunAsync(Azurite azurite, int point)
    {
        var points = new FaultPoints(point);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(400), RequestsPerMinute = 0 },
            Cancellation
        );
        await using var storage = await ObservedAzurite.StartAsync(azurite, points.StorageAsync, Cancellation);
        await using var backend = await ObservedProxy.StartAsync(emulator.BaseUrl, points.CallAsync, Cancellation);
        await using var receiver = await WebhookReceiver.StartAsync(points.CallAsync, Cancellation);
        var settings = HostSettings.Create(storage.ConnectionString, backend.Url);
        settings["Leyden__Eachlabs__CreateTimeout"] = "00:00:20"; // else a busy machine would lose answers by itself
        string? cut = null;
        JsonObject ended;
        await using (var first = HostProcess.Start(settings))
        {
            using var caller = await first.ServeAsync();
            points.Arm(first.KillAsync);
            var through = ThroughAsync(caller, receiver);
            if (await Task.WhenAny(through, points.Reached) == through && await through is { } end)
            {
                ended = end;
            }
            else
            {
                cut = await points.Reached;
                ended = await AgainAsync(settings, receiver, $"killed at {point}, {cut}");
            }
        }

        Check(ended, emulator, receiver);
        var outcome = (string?)ended["error_code"] ?? (string)ended["status"]!;
        return new Trial(point, cut, outcome);
    }

    /// <summary>The caller's side on the host that may die.</summary>
    /// <returns>The prediction at its end, when its webhook has come too; null when the host died before.</returns>
    private static async Task<JsonObject?> ThroughAsync(ApiCaller caller, WebhookReceiver receiver)
    {
        try
        {
            var ended = await caller.EndAsync(await CreateAsync(caller, receiver));
            await receiver.CompletedAsync();
            return ended;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<JsonObject> AgainAsync(
        IReadOnlyDictionary<string, string> settings,
        WebhookReceiver receiver,
        string circumstances
    )
    {
        await using var second = HostProcess.Start(settings);
        using var caller = await second.ServeAsync();
        // As a careful client does that got no answer: the same wish under the same key.
        var id = await CreateAsync(caller, receiver);
        var ended = await caller.EndAsync(id);
        try
        {
            await receiver.CompletedAsync();
        }
        catch (TimeoutException)
        {
            var log = await caller.Http.GetStringAsync(
                new Uri($"v1/prediction/{id}/deliveries", UriKind.Relative),
                Cancellation
            );
            Assert.Fail($"No webhook came; {circumstances}.\n{log}\n{second.Transcript}");
        }

        return ended;
    }

    private static async Task<string> CreateAsync(ApiCaller caller, WebhookReceiver receiver)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/prediction");
        request.Headers.Add("Idempotency-Key", Key.Replace(' ', '-'));
        request.Content = JsonContent.Create(
            new JsonObject
            {
                ["model"] = "sdxl-lightning-4step",
                ["webhook_url"] = receiver.Url.AbsoluteUri,
                ["input"] = new JsonObject
                {
                    ["prompt"] = "a bridge at dawn",
                    ["width"] = 256,
                    ["height"] = 256,
                    ["num_outputs"] = Outputs,
                    ["seed"] = 7,
                },
            }
        );
        using var answer = await caller.Http.SendAsync(request, Cancellation);
        var json = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {json}");
        return (string)json!["predictionID"]!;
    }

    private static void Check(JsonObject ended, EachlabsEmulator emulator, WebhookReceiver receiver)
    {
        Assert.True(
            emulator.Counts.CreatesBilled <= 1,
            $"{emulator.Counts.CreatesBilled} creates were billed: {ended}"
        );
        if ((string?)ended["status"] == "success")
        {
            Assert.Equal(1, emulator.Counts.CreatesBilled);
            Assert.Equal(Outputs, ended["output"]!.AsArray().Count);
        }

        // At least once, always under the same id.
        Assert.NotEmpty(receiver.Received);
        Assert.Single(receiver.Received.Select(r => r.Id).Distinct());
        Assert.All(receiver.Received, r => Assert.Equal((string?)ended["id"], (string?)r.Body["id"]));
        Assert.All(receiver.Received, r => Assert.Equal((string?)ended["status"], (string?)r.Body["status"]));
    }
}
