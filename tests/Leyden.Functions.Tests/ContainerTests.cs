using Leyden.Emulators.Cog;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.TestSupport;

namespace Leyden.Functions.Tests;

/// <summary>Runs in a GPU container on the Azure Storage task hub: steps that take long, cancels beside them, hosts that die in them.</summary>
public sealed class ContainerTests(AzuriteFixture azurites)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_is_killed_in_a_run_has_it_run_again_and_a_cancel_reaches_the_container()
    {
        await using var emulator = await CogEmulator.StartAsync(
            new() { SetupTime = TimeSpan.FromSeconds(1), RunTime = TimeSpan.FromSeconds(3) },
            Cancellation
        );
        var settings = await SettingsAsync(emulator);
        string id;
        await using (var first = HostProcess.Start(settings))
        {
            using var caller = await first.ServeAsync();
            id = await caller.CreateAsync("a cat", outputs: 2);
            await BegunAsync(emulator, runs: 1);
        } // killed

        await using var second = HostProcess.Start(settings);
        using var next = await second.ServeAsync();
        var ended = await next.EndAsync(id);
        var other = await next.CreateAsync($"a dog {CogFaults.Marker(CogFault.NeverFinish)}");
        await BegunAsync(emulator, runs: 2);
        using var asked = await next.Http.PostAsync($"v1/prediction/{other}/cancel", null, Cancellation);
        var canceled = await next.EndAsync(other);

        Assert.Equal(("success", 2), ((string?)ended["status"], (int?)ended["attempts"]));
        Assert.Equal(2, ended["output"]!.AsArray().Count);
        Assert.Equal(2, emulator.Counts.RunsById[id]);
        Assert.Equal("cancelled", (string?)canceled["status"]);
        Assert.Equal(1, emulator.Counts.RunsById[other]);
    }

    private static async Task BegunAsync(CogEmulator emulator, int runs)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (emulator.Counts.RunsById.Count < runs)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ApiCaller.Patience, "Nothing runs.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    private async Task<Dictionary<string, string>> SettingsAsync(CogEmulator emulator)
    {
        var azurite = await azurites.GetAsync(Cancellation);
        var settings = HostSettings.Create(azurite.ConnectionString, emulator.BaseUrl);
        settings.Remove("Leyden__Eachlabs__ApiKey"); // the container is the only backend that is configured
        settings["Leyden__Container__BaseUrl"] = emulator.BaseUrl.AbsoluteUri;
        return settings;
    }
}
