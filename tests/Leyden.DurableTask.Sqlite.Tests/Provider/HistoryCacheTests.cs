using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class HistoryCacheTests
{
    [Fact]
    public void A_history_is_taken_out_once()
    {
        var cache = new HistoryCache(1000);
        HistoryEvent[] events = [new OrchestratorStartedEvent(-1)];
        cache.Put(1, events, 100);

        Assert.Same(events, cache.Take(1)!.Value.Events);
        Assert.Null(cache.Take(1));
    }

    [Fact]
    public void The_least_recently_put_histories_give_way()
    {
        var cache = new HistoryCache(1000);
        for (var key = 1; key <= 11; key++)
        {
            cache.Put(key, [], 100);
        }

        Assert.Null(cache.Take(1));
        Assert.NotNull(cache.Take(2));
        Assert.NotNull(cache.Take(11));
    }

    [Fact]
    public void A_history_larger_than_an_eighth_is_not_kept()
    {
        var cache = new HistoryCache(1000);

        cache.Put(1, [], 126);

        Assert.Null(cache.Take(1));
    }

    [Fact]
    public void Putting_again_replaces()
    {
        var cache = new HistoryCache(1000);
        cache.Put(1, [], 100);
        cache.Put(1, [], 110);

        Assert.Equal(110, cache.Take(1)!.Value.Bytes);
        Assert.Null(cache.Take(1));
    }
}
