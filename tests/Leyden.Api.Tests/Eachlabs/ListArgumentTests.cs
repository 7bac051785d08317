using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class ListArgumentTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    [InlineData("")]
    [InlineData("3&limit=4")]
    public async Task A_limit_out_of_bounds_is_refused_by_name(string limit) =>
        (await _host.Alice.GetAsync($"/v1/predictions?limit={limit}")).Error(HttpStatusCode.BadRequest, "limit");

    [Theory]
    [InlineData("1")]
    [InlineData("100")]
    public async Task The_bounds_themselves_are_allowed(string limit) =>
        (await _host.Alice.GetAsync($"/v1/predictions?limit={limit}")).Ok();

    [Theory]
    [InlineData("rubbish")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    [InlineData("..%2f..%2f")]
    [InlineData("%00")]
    [InlineData("a&cursor=b")]
    public async Task A_cursor_that_no_list_gave_is_refused_by_name(string cursor) =>
        (await _host.Alice.GetAsync($"/v1/predictions?cursor={cursor}")).Error(HttpStatusCode.BadRequest, "cursor");
}
