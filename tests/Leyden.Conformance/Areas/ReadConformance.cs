using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class ReadConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task A_success_has_everything_that_is_documented()
    {
        var body = Body.Of("a cat");
        body["version"] = "0.0.1";

        var prediction = await Alice.SucceededAsync(body);

        var id = (string)prediction["id"]!;
        Assert.Equal(Body.Model, (string?)prediction["model"]);
        Assert.Equal("0.0.1", (string?)prediction["version"]);
        Assert.NotEmpty((string)prediction["backend"]!);
        Assert.EndsWith($"/v1/prediction/{id}", (string)prediction["urls"]!["get"]!, StringComparison.Ordinal);
        Assert.EndsWith(
            $"/v1/prediction/{id}/cancel",
            (string)prediction["urls"]!["cancel"]!,
            StringComparison.Ordinal
        );
        Assert.True((double)prediction["metrics"]!["predict_time"]! > 0);
        Assert.Null(prediction["error"]);
        string[] moments = ["created_at", "started_at", "completed_at", "deadline"];
        var times = moments.Select(moment => (DateTimeOffset)prediction[moment]!).ToList();
        Assert.Equal(times.Order(), times);
        Assert.True(Uri.TryCreate((string?)prediction["output"], UriKind.Absolute, out _), $"{prediction["output"]}");
    }

    [Fact]
    public async Task Its_own_address_leads_to_it_and_to_its_cancel()
    {
        var prediction = await Alice.SucceededAsync(Body.Of("a cat"));

        var again = (await Alice.GetAsync((string)prediction["urls"]!["get"]!)).Ok().Json;
        var cancel = await Alice.PostAsync((string)prediction["urls"]!["cancel"]!, null);

        Assert.Equal((string?)prediction["id"], (string?)again["id"]);
        cancel.Error(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task It_goes_through_the_statuses_in_order_and_never_back()
    {
        string[] order = ["created", "starting", "processing", "success"];
        var id = await Alice.AcceptedAsync(Body.Of("a cat [[run-time:1500]]"));

        var seen = new List<string>();
        await Caller.EventuallyAsync(
            async () =>
            {
                seen.Add((string)(await Alice.ReadAsync(id))["status"]!);
                return seen[^1] == "success";
            },
            "its success"
        );

        Assert.All(seen, status => Assert.Contains(status, order));
        Assert.Equal(seen.OrderBy(status => Array.IndexOf(order, status)), seen);
    }

    [Fact]
    public async Task Four_pictures_are_an_array_of_four_links()
    {
        var prediction = await Alice.SucceededAsync(Body.Of("a cat", ("num_outputs", 4)));

        var links = prediction["output"]!.AsArray().Select(link => (string)link!).ToList();
        Assert.Equal(4, links.Distinct().Count());
        await Assert.AllAsync(links, async link => (await Nobody.GetAsync(link)).Ok());
    }

    [Theory]
    [InlineData("01jx0000000000000000000000")]
    [InlineData("nothing-like-an-id")]
    [InlineData("01JX0000000000000000000000")]
    [InlineData("..%2Fother")]
    [InlineData("a%20b")]
    public async Task What_was_never_there_is_404(string id) =>
        (await Alice.GetAsync($"v1/prediction/{id}")).Error(HttpStatusCode.NotFound);
}
