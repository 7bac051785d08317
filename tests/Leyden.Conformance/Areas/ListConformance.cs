using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class ListConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task Pages_follow_each_other_newest_first_and_miss_and_double_nothing()
    {
        var created = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            created.Add(await Alice.AcceptedAsync(Body.Of($"cat {i}")));
        }

        // Others create meanwhile: what is newer than ours may come before, and no more than that is asked for.
        var listed = new List<(string Id, DateTimeOffset CreatedAt)>();
        string? cursor = null;
        do
        {
            var page = await PageAsync($"limit=2{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            var items = page["predictions"]!.AsArray();
            Assert.InRange(items.Count, 0, 2);
            listed.AddRange(items.Select(p => ((string)p!["id"]!, (DateTimeOffset)p["created_at"]!)));
            cursor = (string?)page["next_cursor"];
        } while (cursor is not null && !created.TrueForAll(id => listed.Any(p => p.Id == id)));

        Assert.Equal(listed.Count, listed.DistinctBy(p => p.Id).Count());
        Assert.Equal(listed.OrderByDescending(p => p.CreatedAt), listed);
        Assert.Equal(Enumerable.Reverse(created), listed.Select(p => p.Id).Where(created.Contains));
    }

    [Fact]
    public async Task What_is_listed_is_told_as_by_a_read()
    {
        var prediction = await Alice.SucceededAsync(Body.Of("a cat"));

        var page = await PageAsync("limit=100");

        var listed = page["predictions"]!.AsArray().Single(p => (string?)p!["id"] == (string?)prediction["id"])!;
        foreach (var field in new[] { "status", "model", "input", "metrics", "urls", "created_at", "completed_at" })
        {
            Assert.True(JsonNode.DeepEquals(prediction[field], listed[field]), $"{field}: {listed[field]}");
        }

        (await Nobody.GetAsync((string)listed["output"]!)).Ok();
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("cursor=rubbish", "cursor")]
    public async Task Arguments_that_can_not_be_are_refused_by_name(string query, string field) =>
        (await Alice.GetAsync($"v1/predictions?{query}")).Error(HttpStatusCode.BadRequest, field);

    private async Task<JsonObject> PageAsync(string query) =>
        (await Alice.GetAsync($"v1/predictions?{query}")).Ok().Json;
}
