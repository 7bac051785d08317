using System.Net;
using System.Text.Json.Nodes;
using DurableTask.AzureStorage;
using DurableTask.Core.History;
using Leyden.Emulators.Eachlabs;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.FunctionsHost;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions.Tests;

/// <summary>Predictions through the app's own triggers, over HTTP, on the Azure Storage task hub.</summary>
public sealed class PredictionTests(AzuriteFixture azurites)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prediction_is_made_and_its_pictures_are_fetched_from_blob_storage()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(500) },
            Cancellation
        );
        await using var host = await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions { Settings = HostSettings.Create(azurite, emulator) },
            Cancellation
        );
        using var caller = new ApiCaller(host.Url);

        var ended = await caller.EndAsync(await caller.CreateAsync("a superhero smiling", outputs: 2));

        Assert.Equal("success", (string?)ended["status"]);
        var links = ended["output"]!.AsArray().Select(link => new Uri((string)link!)).ToList();
        Assert.Equal(2, links.Count);
        foreach (var link in links)
        {
            Assert.Equal(azurite.BlobEndpoint.Authority, link.Authority);
            using var picture = await caller.Http.GetAsync(link, Cancellation);
            Assert.Equal(HttpStatusCode.OK, picture.StatusCode);
            Assert.Equal("image/png", picture.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(1, emulator.Counts.CreatesBilled);
    }

    [Fact]
    public async Task A_timer_that_is_early_is_not_set_again_and_again()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(1500) },
            Cancellation
        );
        await using var host = await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions { Settings = HostSettings.Create(azurite, emulator) },
            Cancellation
        );
        using var caller = new ApiCaller(host.Url);
        var engine = host.Services.GetRequiredService<AzureStorageOrchestrationService>();
        for (var number = 0; number < 3; number++)
        {
            var id = await caller.CreateAsync($"prompt {number}");
            await caller.EndAsync(id);

            var history = JsonNode.Parse(await engine.GetOrchestrationHistoryAsync(id, null))!.AsArray();
            var events = history.Select(e => (EventType)(int)e!["EventType"]!).ToList();
            var steps = events.Count(e => e == EventType.TaskScheduled);
            Assert.InRange(steps, 2, int.MaxValue);
            Assert.InRange(events.Count(e => e == EventType.TimerFired), 1, steps);
        }
    }

    [Fact]
    public async Task Killed_in_mid_flight_the_host_takes_predictions_up_again_and_bills_none_twice()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = TimeSpan.FromSeconds(3),
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
            },
            Cancellation
        );
        var settings = HostSettings.Create(azurite, emulator);
        var ids = new List<string>();
        await using (var killed = HostProcess.Start(settings))
        {
            using var caller = await killed.ServeAsync();
            for (var number = 0; number < 5; number++)
            {
                ids.Add(await caller.CreateAsync($"prompt {number}"));
            }

            while (emulator.Counts.CreatesBilled == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }

            await killed.KillAsync();
        }

        await using var host = HostProcess.Start(settings);
        using var again = await host.ServeAsync();
        foreach (var id in ids)
        {
            var ended = await again.EndAsync(id);
            // What was on its way to the backend at the kill may or may not have been billed, and is not billed again.
            var isUnknown = (string?)ended["error_code"] == Predictions.FailureCodes.SubmissionUnknown;
            Assert.True(isUnknown || (string?)ended["status"] == "success", $"{ended}\n{host.Transcript}");
        }

        Assert.All(emulator.Counts.BilledByPrompt, p => Assert.Equal(1, p.Value));
    }

    [Fact]
    public async Task A_wrong_setting_is_told_in_one_line()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(new EachlabsEmulatorOptions(), Cancellation);
        var settings = HostSettings.Create(azurite, emulator);
        settings["Leyden__MaxWait"] = "01:00:00";

        await using var host = HostProcess.Start(settings);

        Assert.Equal(2, await host.EndAsync());
        Assert.Equal(
            "Leyden does not start: Leyden:MaxWait is 01:00:00; it must be from 1 to 220 seconds.",
            host.Transcript.Trim()
        );
    }
}
