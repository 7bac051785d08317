using System.Text.Json.Nodes;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class QueueTests
{
    private static readonly (string, string)[] OneAtATime = [("Leyden:Eachlabs:MaxConcurrent", "1")];

    [Fact]
    public async Task The_place_in_the_queue_is_told_and_falls()
    {
        await using var host = await ApiHost.StartAsync(
            OneAtATime,
            e =>
            {
                e.MaxConcurrent = 1;
                e.RunTime = TimeSpan.FromSeconds(1);
            }
        );
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await host.Alice.AcceptedAsync(ApiClient.Body($"cat {i}")));
            // One after the other, so that the order of arrival is known.
            await ApiClient.EventuallyAsync(
                async () =>
                    PositionOf(await host.Alice.ReadAsync(ids[i])) == (i == 0 ? null : i)
                    && (i > 0 || ApiClient.StatusOf(await host.Alice.ReadAsync(ids[i])) != "created"),
                $"cat {i} has place {i} in the queue"
            );
        }

        var waiting = await host.Alice.ReadAsync(ids[3]);
        Assert.Equal("created", ApiClient.StatusOf(waiting));
        Assert.Equal(3, PositionOf(waiting));
        var places = new List<int>();
        await ApiClient.EventuallyAsync(
            async () =>
            {
                var prediction = await host.Alice.ReadAsync(ids[3]);
                if (PositionOf(prediction) is { } place && !places.Contains(place))
                {
                    places.Add(place);
                }

                return ApiClient.StatusOf(prediction) == "success";
            },
            "the last one's success"
        );

        Assert.Equal([3, 2, 1], places);
        Assert.Equal(["cat 0", "cat 1", "cat 2", "cat 3"], host.Emulator.Counts.BilledOrder);
        Assert.Equal(0, host.Emulator.Counts.Throttled);
    }

    [Fact]
    public async Task A_queued_prediction_is_canceled_without_ever_being_billed()
    {
        await using var host = await ApiHost.StartAsync(OneAtATime);
        var running = await host.Alice.AcceptedAsync(ApiClient.Body("first [[fault:never-finish]]"));
        await host.Alice.UntilAsync(running, "processing");
        var queued = await host.Alice.AcceptedAsync(ApiClient.Body("second"));
        await ApiClient.EventuallyAsync(
            async () => PositionOf(await host.Alice.ReadAsync(queued)) == 1,
            "the second waits"
        );

        (await host.Alice.CancelAsync(queued)).Ok();

        await host.Alice.UntilAsync(queued, "cancelled");
        Assert.Equal(1, host.Emulator.Counts.CreatesReceived);
    }

    private static int? PositionOf(JsonObject prediction) => prediction["queue_position"]?.GetValue<int>();
}
