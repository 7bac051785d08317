using CsCheck;
using Leyden.ModelServer.Predictions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>How long ended predictions can be read, and how much memory they take.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task The_oldest_go_when_there_are_too_many()
    {
        await using var server = await StartAsync(settings: [("Leyden:ModelServer:RecentCount", 2)]);
        foreach (var id in new[] { "a", "b", "c" })
        {
            await server.PutAsync($"/predictions/{id}", new { input = Input() });
        }

        Assert.Equal(404, (await server.GetAsync("/predictions/a")).Status);
        Assert.Equal("succeeded", (await server.GetAsync("/predictions/b")).Text("status"));
        Assert.Single((await server.GetAsync("/predictions/c")).Pictures);
    }

    [Fact]
    public async Task They_go_when_they_are_too_old_also_when_nobody_asks()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync(time: time, settings: [("Leyden:ModelServer:RecentAge", "00:01:00")]);
        await server.PutAsync("/predictions/a", new { input = Input() });
        var recent = (RecentPredictions)server.Services.GetService(typeof(RecentPredictions))!;

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(200, (await server.GetAsync("/predictions/a")).Status);
        Assert.True(recent.Bytes > 0);

        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(0, recent.Bytes);
        Assert.Equal(404, (await server.GetAsync("/predictions/a")).Status);
    }

    [Fact]
    public async Task With_none_kept_the_caller_still_gets_the_own()
    {
        await using var server = await StartAsync(settings: [("Leyden:ModelServer:RecentBytes", 0)]);

        var answer = await server.PutAsync("/predictions/a", new { input = Input() });

        Assert.Single(answer.Pictures);
        Assert.Equal(404, (await server.GetAsync("/predictions/a")).Status);
    }

    [Fact]
    public void Count_and_bytes_never_exceed_their_limits_and_the_newest_are_kept()
    {
        var step = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 40]);
        Gen.Select(step.Array[0, 60], Gen.Int[0, 6], Gen.Int[0, 120])
            .Sample(
                (steps, count, bytes) =>
                {
                    var options = new ModelServerOptions { RecentCount = count, RecentBytes = bytes };
                    using var recent = new RecentPredictions(Options.Create(options), new FakeTimeProvider());
                    var expected = new List<(string Id, int Size)>();
                    foreach (var (number, size) in steps)
                    {
                        var id = $"p{number}";
                        recent.Add(Ended(id, size));
                        expected.RemoveAll(e => e.Id == id);
                        expected.Add((id, size));
                        while (expected.Count > count || expected.Sum(e => e.Size) > bytes)
                        {
                            expected.RemoveAt(0);
                        }

                        Assert.Equal(expected.Sum(e => e.Size), recent.Bytes);
                    }

                    Assert.All(
                        Enumerable.Range(0, 10).Select(n => $"p{n}"),
                        id => Assert.Equal(expected.Any(e => e.Id == id), recent.Find(id) is not null)
                    );
                }
            );
    }

    private static PredictionState Ended(string id, int size) =>
        new(id, null!, DateTimeOffset.UnixEpoch)
        {
            Status = PredictionStatus.Succeeded,
            CompletedAt = new FakeTimeProvider().GetUtcNow(),
            Output = [new byte[size]],
        };
}
