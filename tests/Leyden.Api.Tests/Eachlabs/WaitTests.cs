using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>Reads that wait for the end.</summary>
public sealed class WaitTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Theory]
    [InlineData("?wait=60", null)]
    [InlineData("", "wait=60")]
    [InlineData("", "respond-async, wait=\"60\"")]
    [InlineData("", "Wait=60; foo=bar")]
    [InlineData("?wait=60", "wait=0")]
    public async Task A_read_waits_for_the_end(string query, string? prefer)
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"));

        var read = (await GetAsync($"/v1/prediction/{id}{query}", prefer)).Ok();

        Assert.Equal("success", ApiClient.StatusOf(read.Json));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("?wait=0", null)]
    [InlineData("?wait=1", null)]
    [InlineData("?wait=0", "wait=60")]
    [InlineData("", "return=minimal")]
    public async Task What_has_not_ended_by_then_is_told_as_it_is(string query, string? prefer)
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));

        Assert.True(ApiClient.IsOpen((await GetAsync($"/v1/prediction/{id}{query}", prefer)).Ok().Json));

        await _host.Alice.CancelAsync(id);
    }

    [Theory]
    [InlineData("?wait=", null, "wait")]
    [InlineData("?wait=-1", null, "wait")]
    [InlineData("?wait=1.5", null, "wait")]
    [InlineData("?wait=soon", null, "wait")]
    [InlineData("?wait=181", null, "wait")]
    [InlineData("?wait=99999999999", null, "wait")]
    [InlineData("?wait=1&wait=2", null, "wait")]
    [InlineData("", "wait=soon", "Prefer")]
    [InlineData("", "wait=181", "Prefer")]
    public async Task A_wrong_wait_is_told_by_its_name(string query, string? prefer, string field)
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"));

        (await GetAsync($"/v1/prediction/{id}{query}", prefer)).Error(HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task What_is_not_there_is_not_waited_for() =>
        (await GetAsync("/v1/prediction/01jx0000000000000000000000?wait=60", null)).Error(HttpStatusCode.NotFound);

    private Task<Answer> GetAsync(string path, string? prefer) =>
        _host.Alice.SendAsync(HttpMethod.Get, path, null, prefer is null ? [] : [("Prefer", prefer)]);
}
