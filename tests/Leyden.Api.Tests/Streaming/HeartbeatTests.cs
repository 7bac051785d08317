using System.Text;
using System.Text.Json.Nodes;
using Leyden.Api.Streaming;
using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Api.Tests.Streaming;

/// <summary>What a stream says when nothing happens, on a clock of its own.</summary>
public sealed class HeartbeatTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_stream_has_a_comment_every_ten_seconds_and_closes_before_the_host_would_cut_it()
    {
        await using var host = await ApiHost.StartAsync();
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await host.Alice.UntilAsync(id, "processing");
        var prediction = await host.Get<PredictionStore>().FindAsync(new Owner("alice"), PredictionId.Parse(id), Stop);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var feed = new PredictionFeed(
            host.Get<PredictionStore>(),
            new PredictionChanges(),
            host.Get<SharedBooks>(),
            host.Get<RunProgress>(),
            Options.Create(new StreamOptions()),
            host.Get<IHostApplicationLifetime>(),
            time
        );
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };

        var writing = feed.WriteAsync(prediction!, null, _ => Task.FromResult(new JsonObject()), context.Response);
        while (!writing.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
        }

        await writing;
        var text = Encoding.UTF8.GetString(body.ToArray());
        Assert.EndsWith("retry: 500\n\n", text, StringComparison.Ordinal);
        Assert.Single(text.Split("event: status")[1..]);
        // Ten seconds after the last word each time; a look comes up to two seconds later.
        Assert.InRange(text.Split(": still here\n\n").Length - 1, 10, 19);
        await host.Alice.CancelAsync(id);
    }
}
