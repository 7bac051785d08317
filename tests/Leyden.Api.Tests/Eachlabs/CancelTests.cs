using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class CancelTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task A_running_prediction_is_stopped_at_its_backend_too()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await _host.Alice.UntilAsync(id, "processing");
        var before = _host.Emulator.Counts.Cancels;

        var answer = (await _host.Alice.CancelAsync(id)).Ok();

        Assert.Equal(["status", "message", "predictionID"], answer.Json.Select(m => m.Key));
        Assert.Equal("cancelled", answer.Json["status"]!.GetValue<string>());
        Assert.Equal(id, answer.Id);
        await _host.Alice.UntilAsync(id, "cancelled");
        Assert.True(_host.Emulator.Counts.Cancels > before);
        Assert.Equal(id, (await _host.Alice.CancelAsync(id)).Ok().Id); // again: it is canceled already
    }

    [Fact]
    public async Task A_cancel_that_comes_too_late_is_a_conflict_and_changes_nothing()
    {
        var id = ApiClient.IdOf(await _host.Alice.SucceededAsync(ApiClient.Body("a cat")));

        var message = (await _host.Alice.CancelAsync(id)).Error(HttpStatusCode.Conflict);

        Assert.Contains("(success)", message, StringComparison.Ordinal);
        Assert.Equal("success", ApiClient.StatusOf(await _host.Alice.ReadAsync(id)));
    }

    [Theory]
    [InlineData("01jx0000000000000000000000")]
    [InlineData("nothing-like-an-id")]
    public async Task What_was_never_there_is_404(string id) =>
        (await _host.Alice.CancelAsync(id)).Error(HttpStatusCode.NotFound);
}
