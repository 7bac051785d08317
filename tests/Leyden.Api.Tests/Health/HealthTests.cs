using System.Net;
using Leyden.Storage;

namespace Leyden.Api.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task A_host_that_runs_is_alive_and_ready_for_anybody()
    {
        await using var host = await ApiHost.StartAsync();

        Assert.Equal("""{"status":"ok"}""", (await host.Nobody.GetAsync("/healthz")).Ok().Text);
        Assert.Equal(
            """{"status":"ok","storage":"ok","engine":"ok"}""",
            (await host.Nobody.GetAsync("/readyz")).Ok().Text
        );
    }

    [Fact]
    public async Task A_host_whose_folder_is_gone_is_alive_but_not_ready_until_it_is_back()
    {
        await using var host = await ApiHost.StartAsync();
        (await host.Nobody.GetAsync("/readyz")).Ok();
        var aside = host.Objects + ".aside";
        Directory.Move(host.Objects, aside);
        await File.WriteAllTextAsync(host.Objects, "no folder", TestContext.Current.CancellationToken);

        await ApiClient.EventuallyAsync(
            async () => (await host.Nobody.GetAsync("/readyz")).Status == HttpStatusCode.ServiceUnavailable,
            "not ready"
        );

        var answer = await host.Nobody.GetAsync("/readyz");
        Assert.Equal("""{"status":"unavailable","storage":"unavailable","engine":"ok"}""", answer.Text);
        Assert.Equal("application/json", answer.ContentType);
        (await host.Nobody.GetAsync("/healthz")).Ok();

        File.Delete(host.Objects);
        Directory.Move(aside, host.Objects);
        await ApiClient.EventuallyAsync(
            async () => (await host.Nobody.GetAsync("/readyz")).Status == HttpStatusCode.OK,
            "ready again"
        );
    }

    [Fact]
    public async Task A_store_that_hangs_is_not_ready_rather_than_silent()
    {
        await using var host = await ApiHost.StartAsync(wrap: inner => new HangingStore(inner));
        ((HangingStore)host.Get<IObjectStore>()).Hangs = true;

        var answer = await host.Nobody.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("unavailable", answer.Json["storage"]!.GetValue<string>());
    }
}
