using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class DeleteConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task A_deleted_prediction_is_gone_with_its_pictures()
    {
        var prediction = await Alice.SucceededAsync(Body.Of("a cat", ("num_outputs", 2)));
        var id = (string)prediction["id"]!;
        var links = prediction["output"]!.AsArray().Select(link => (string)link!).ToList();
        await Assert.AllAsync(links, async link => (await Nobody.GetAsync(link)).Ok());

        var deleted = (await Alice.DeleteAsync(id)).Is(HttpStatusCode.NoContent);

        Assert.Empty(deleted.Bytes);
        (await Alice.GetAsync($"v1/prediction/{id}")).Error(HttpStatusCode.NotFound);
        (await Alice.DeleteAsync(id)).Error(HttpStatusCode.NotFound);
        (await Alice.CancelAsync(id)).Error(HttpStatusCode.NotFound);
        await Assert.AllAsync(links, async link => (await Nobody.GetAsync(link)).Is(HttpStatusCode.NotFound));
        Assert.DoesNotContain(
            id,
            (await Alice.GetAsync("v1/predictions?limit=100")).Ok().Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_prediction_that_runs_is_not_deleted_before_it_was_canceled()
    {
        var id = await RunningAsync(Alice);

        (await Alice.DeleteAsync(id)).Error(HttpStatusCode.Conflict);

        (await Alice.CancelAsync(id)).Ok();
        await Alice.UntilAsync(id, "cancelled");
        (await Alice.DeleteAsync(id)).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_deletion_frees_the_idempotency_key()
    {
        (string, string) key = ("Idempotency-Key", Body.Unique);
        var body = Body.Of("a cat");
        var first = (string)(await Alice.SucceededAsync(body, key))["id"]!;
        (await Alice.DeleteAsync(first)).Is(HttpStatusCode.NoContent);

        var second = (await Alice.CreateAsync(body, key)).Ok();

        Assert.NotEqual(first, second.Id);
        Assert.False(second.IsReplayed);
        await Alice.UntilAsync(second.Id, "success");
    }

    [Theory]
    [InlineData("01jx0000000000000000000000")]
    [InlineData("nothing-like-an-id")]
    public async Task What_was_never_there_is_404(string id) =>
        (await Alice.DeleteAsync(id)).Error(HttpStatusCode.NotFound);
}
