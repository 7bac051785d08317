using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class DeleteTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task A_deleted_prediction_is_gone_with_its_pictures()
    {
        var prediction = await _host.Alice.SucceededAsync(ApiClient.Body("a cat", ("num_outputs", 2)));
        var id = ApiClient.IdOf(prediction);
        var urls = prediction["output"]!.AsArray().Select(url => url!.GetValue<string>()).ToArray();
        await Assert.AllAsync(urls, async url => (await _host.Nobody.GetAsync(url)).Ok());

        var deleted = await _host.Alice.DeleteAsync(id);

        Assert.Equal(HttpStatusCode.NoContent, deleted.Status);
        Assert.Empty(deleted.Text);
        (await _host.Alice.GetAsync($"/v1/prediction/{id}")).Error(HttpStatusCode.NotFound);
        (await _host.Alice.DeleteAsync(id)).Error(HttpStatusCode.NotFound);
        (await _host.Alice.CancelAsync(id)).Error(HttpStatusCode.NotFound);
        foreach (var url in urls)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _host.Nobody.GetAsync(url)).Status);
        }

        Assert.DoesNotContain(id, (await _host.Alice.GetAsync("/v1/predictions")).Ok().Text, StringComparison.Ordinal);
        // Its orchestration may still be settling the books, which name it for a moment.
        await ApiClient.EventuallyAsync(
            async () => !(await _host.TracesAsync()).Contains(id, StringComparison.Ordinal),
            "no trace of the prediction in the object store"
        );
    }

    [Fact]
    public async Task A_prediction_that_runs_is_not_deleted_before_it_was_canceled()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));

        Assert.Contains(
            "cancel it first",
            (await _host.Alice.DeleteAsync(id)).Error(HttpStatusCode.Conflict),
            StringComparison.Ordinal
        );

        (await _host.Alice.CancelAsync(id)).Ok();
        await _host.Alice.UntilAsync(id, "cancelled");
        Assert.Equal(HttpStatusCode.NoContent, (await _host.Alice.DeleteAsync(id)).Status);
    }

    [Theory]
    [InlineData("01jx0000000000000000000000")]
    [InlineData("nothing-like-an-id")]
    public async Task What_was_never_there_is_404(string id) =>
        (await _host.Alice.DeleteAsync(id)).Error(HttpStatusCode.NotFound);
}
