using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Emulators.Eachlabs;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.FunctionsHost;
using Leyden.Predictions;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions.Tests;

/// <summary>Reports of the backend to the app's own trigger, and what they set off on the Azure Storage task hub.</summary>
public sealed class CallbackTests(AzuriteFixture azurites)
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_before_the_create_is_answered_leads_to_one_look_right_after()
    {
        await using var emulator = await EmulatorAsync(runTime: TimeSpan.Zero);
        await using var host = await StartAsync(emulator);
        using var caller = new ApiCaller(host.Url);

        var ended = await caller.EndAsync(
            await caller.CreateAsync($"a cat {EachlabsFaults.Marker(EachlabsFault.WebhookBeforeAnswer)}")
        );

        Assert.Equal("success", (string?)ended["status"]);
        Assert.Equal((1, 1, 1), Requests(emulator));
    }

    [Fact]
    public async Task A_report_that_never_comes_is_made_up_for_by_a_late_look()
    {
        await using var emulator = await EmulatorAsync(runTime: TimeSpan.FromMilliseconds(300));
        await using var host = await StartAsync(emulator);
        using var caller = new ApiCaller(host.Url);
        await LearnAsync(host, caller);
        var before = Requests(emulator);

        var ended = await caller.EndAsync(
            await caller.CreateAsync($"a cat {EachlabsFaults.Marker(EachlabsFault.WebhookLost)}")
        );

        Assert.Equal("success", (string?)ended["status"]);
        Assert.Equal((before.Creates + 1, before.Gets + 1, before.Webhooks), Requests(emulator));
        var start = TimeProvider.System.GetTimestamp();
        while (await ReliesOnReportsAsync(host)) // written after the end that the caller sees
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ApiCaller.Patience, "Reports are still relied on.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>
    /// Runs predictions until their reports are relied on. The schedule believes in longer runs, so that reports come before looks
    /// however busy the machine is.
    /// </summary>
    private static async Task LearnAsync(FunctionsTestHost host, ApiCaller caller)
    {
        var ledger = host.Services.GetRequiredService<BackendLedger>();
        var backend = host.Services.GetRequiredService<BackendDirectory>().Find("eachlabs")!;
        var example = PredictionId.Parse((string)(await EndedAsync(caller, "an example"))["id"]!);
        var record = await host
            .Services.GetRequiredService<PredictionStore>()
            .FindAsync(Owner.Local, example, Cancellation);
        for (var i = 0; i < 24; i++)
        {
            var other = record! with { Id = PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create()) };
            await ledger.EnterAsync(backend, other, Cancellation);
            var run = new RunSample(record.Model, record.Workload, Usual, Usual, FirstLookWasEarly: null);
            await ledger.LeaveAsync(backend, other, run, Cancellation);
        }

        var start = TimeProvider.System.GetTimestamp();
        while (!await ReliesOnReportsAsync(host))
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < ApiCaller.Patience,
                "Reports come, and are not relied on."
            );
            await EndedAsync(caller, "learning");
        }
    }

    private static async Task<JsonObject> EndedAsync(ApiCaller caller, string prompt) =>
        await caller.EndAsync(await caller.CreateAsync(prompt));

    private static async Task<bool> ReliesOnReportsAsync(FunctionsTestHost host) =>
        (await host.Services.GetRequiredService<BackendLedger>().ReadAsync("eachlabs", Cancellation)).Callbacks.Works;

    private static (int Creates, int Gets, int Webhooks) Requests(EachlabsEmulator emulator) =>
        (emulator.Counts.CreatesReceived, emulator.Counts.Gets, emulator.Counts.WebhooksDelivered);

    private static Task<EachlabsEmulator> EmulatorAsync(TimeSpan runTime) =>
        EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                QueueTime = TimeSpan.Zero,
                RunTime = runTime,
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
                Webhook = WebhookForm.Prediction,
            },
            Cancellation
        );

    /// <summary>Starts a host that knows its own address, by which the backend reaches it.</summary>
    private async Task<FunctionsTestHost> StartAsync(EachlabsEmulator emulator)
    {
        var settings = HostSettings.Create(await azurites.GetAsync(Cancellation), emulator);
        var url = $"http://127.0.0.1:{FreePort()}";
        settings["Leyden__PublicBaseUrl"] = url;
        return await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions { Settings = settings, Url = url },
            Cancellation
        );
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
