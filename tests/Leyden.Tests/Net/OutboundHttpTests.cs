using System.Net;
using Leyden.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Net;

public sealed class OutboundHttpTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")] // 127.0.0.1 as one number
    [InlineData("0x7f.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("0.0.0.0")]
    public async Task This_machine_is_forbidden_by_whatever_name(string host)
    {
        await using var server = RawServer.Answering(200, "secret");

        var fault = await FailAsync(allowLoopback: false, $"http://{host}:{server.BaseUrl.Port}/");

        Assert.True(ForbiddenAddressException.IsCauseOf(fault));
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("https://192.168.1.1/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://168.63.129.16/")]
    public async Task Private_addresses_stay_forbidden_where_loopback_is_allowed(string url)
    {
        Assert.True(ForbiddenAddressException.IsCauseOf(await FailAsync(allowLoopback: true, url)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Loopback_is_reached_where_it_is_allowed(string host)
    {
        await using var server = RawServer.Answering(200, "hello");

        using var response = await GetAsync(allowLoopback: true, $"http://{host}:{server.BaseUrl.Port}/");

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        await using var server = RawServer.Answering(302, "", "Location: /elsewhere");

        using var response = await GetAsync(allowLoopback: true, server.BaseUrl.ToString());

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        var cookies = 0;
        await using var server = new RawServer(exchange =>
        {
            cookies += exchange.Request.Contains("Cookie:", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            return exchange.AnswerAsync(200, "", "Set-Cookie: a=b; Path=/");
        });
        await using var services = Services(allowLoopback: true);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");

        using var first = await client.GetAsync(server.BaseUrl, TestContext.Current.CancellationToken);
        using var second = await client.GetAsync(server.BaseUrl, TestContext.Current.CancellationToken);

        Assert.Equal((2, 0), (server.Requests, cookies));
    }

    [Fact]
    public async Task A_refused_connection_is_no_forbidden_address()
    {
        var server = RawServer.Answering(200, "");
        await server.DisposeAsync();

        Assert.False(
            ForbiddenAddressException.IsCauseOf(await FailAsync(allowLoopback: true, server.BaseUrl.ToString()))
        );
    }

    private static async Task<HttpRequestException> FailAsync(bool allowLoopback, string url) =>
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(allowLoopback, url));

    private static async Task<HttpResponseMessage> GetAsync(bool allowLoopback, string url)
    {
        await using var services = Services(allowLoopback);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        return await client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Services(bool allowLoopback)
    {
        var settings = new Dictionary<string, string?> { ["Leyden:AllowLoopback"] = allowLoopback.ToString() };
        var services = new ServiceCollection().AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build()
        );
        services.AddOutboundHttpClient("test");
        return services.BuildServiceProvider();
    }
}
