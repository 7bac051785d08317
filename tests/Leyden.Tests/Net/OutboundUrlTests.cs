using System.Net;
using Leyden.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Net;

/// <summary>The catalogue of URLs by which callers try to reach what is inside.</summary>
public sealed class OutboundUrlTests
{
    [Theory]
    [InlineData("https://hooks.shop.com")]
    [InlineData("http://hooks.shop.com:8080/a/b?c=d&e=%20f")]
    [InlineData("https://HOOKS.shop.com/")]
    [InlineData("https://8.8.8.8/hook")]
    [InlineData("https://[2606:4700:4700::1111]/hook")]
    [InlineData("https://münchen.de/")]
    [InlineData("https://localhost.shop.com/")]
    [InlineData("https://hooks.shop.com/user@host")]
    public void Public_addresses_are_accepted(string text)
    {
        Assert.True(OutboundUrl.TryParse(text, new NetworkOptions(), out _, out var problem), problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hooks.shop.com/hook")]
    [InlineData("/hook")]
    [InlineData("//hooks.shop.com/hook")]
    [InlineData("ftp://hooks.shop.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://hooks.shop.com/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/plain,x")]
    [InlineData("unix:/var/run/docker.sock")]
    [InlineData("https://user@hooks.shop.com/")]
    [InlineData("https://user:password@hooks.shop.com/")]
    [InlineData("https://@hooks.shop.com/")]
    [InlineData("https://:@hooks.shop.com/")]
    [InlineData("https://hooks.shop.com@127.0.0.1/")]
    [InlineData("https://hooks.shop.com#@127.0.0.1/")]
    [InlineData("https://hooks.shop.com/#fragment")]
    [InlineData("https://hooks.shop.com/#")]
    [InlineData("https://hooks.shop.com\\@127.0.0.1/")]
    [InlineData("https:\\\\127.0.0.1\\")]
    [InlineData("https://hooks.shop.com/\r\nHost: inside")]
    [InlineData("https://hooks.shop.com/\tx")]
    [InlineData(" https://hooks.shop.com/")]
    [InlineData("https://hooks.shop.com/a b")]
    [InlineData("https://hooks.shop.com/\u00a0")]
    [InlineData("https://hooks.shop.com/\u2028")]
    [InlineData("https://hooks.shop.com/\0")]
    [InlineData("https://:443/")]
    [InlineData("https://")]
    [InlineData("https:///hook")]
    [InlineData("https://hooks.shop.com:99999/")]
    public void What_is_no_plain_http_url_is_refused(string text)
    {
        Assert.False(OutboundUrl.TryParse(text, new NetworkOptions { AllowLoopback = true }, out _, out _));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("127.255.255.254")]
    [InlineData("2130706433")] // decimal
    [InlineData("0x7f000001")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1")] // octal
    [InlineData("017700000001")]
    [InlineData("1２7.0.0.1")] // a digit of full width
    [InlineData("127。0。0。1")] // dots of another script
    [InlineData("0")]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("10.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("3232235777")] // 192.168.1.1
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("2852039166")] // 169.254.169.254
    [InlineData("0xa9fea9fe")]
    [InlineData("169.254.170.2")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("[::127.0.0.1]")] // IPv4-compatible
    [InlineData("[64:ff9b::a9fe:a9fe]")] // NAT64 of the metadata address
    [InlineData("[64:ff9b:1::1]")]
    [InlineData("[2002:7f00:1::]")] // 6to4 of loopback
    [InlineData("[2001::1]")] // Teredo
    [InlineData("[fe80::1]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[fc00::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[fec0::1]")]
    [InlineData("[ff02::1]")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("localhost.")]
    [InlineData("a.localhost")]
    [InlineData("ｌｏｃａｌｈｏｓｔ")]
    [InlineData("metadata")]
    [InlineData("metadata.google.internal")]
    [InlineData("metadata.google.internal.")]
    [InlineData("instance-data.ec2.internal")]
    [InlineData("kubernetes.default.svc.cluster.local")]
    [InlineData("printer.local")]
    [InlineData("router.lan")]
    [InlineData("nas.home.arpa")]
    [InlineData("intranet")]
    public void What_is_inside_is_refused_by_whatever_name(string host)
    {
        Assert.False(OutboundUrl.TryParse($"http://{host}/", new NetworkOptions(), out _, out var problem));
        Assert.NotEmpty(problem);
        Assert.False(OutboundUrl.TryParse($"https://{host}:8443/hook", new NetworkOptions(), out _, out _));
    }

    [Fact]
    public void A_url_may_have_2048_characters()
    {
        var longest = "https://hooks.shop.com/" + new string('a', 2048 - 23);

        Assert.True(OutboundUrl.TryParse(longest, new NetworkOptions(), out _, out _));
        Assert.False(OutboundUrl.TryParse(longest + "a", new NetworkOptions(), out _, out _));
    }

    [Theory]
    [InlineData("http://receiver:8080/", true)]
    [InlineData("http://RECEIVER./", true)]
    [InlineData("http://10.1.2.3/", true)]
    [InlineData("http://other/", false)]
    [InlineData("http://receiver.local/", false)]
    [InlineData("http://10.1.2.4/", false)]
    public void Named_hosts_are_allowed_for_development(string text, bool allowed)
    {
        var options = new NetworkOptions { AllowedHosts = "receiver, 10.1.2.3" };

        Assert.Equal(allowed, OutboundUrl.TryParse(text, options, out _, out _));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:10.0.0.1")]
    public async Task A_name_that_leads_inside_is_refused_when_it_is_connected_to(string address)
    {
        var resolver = new Names(IPAddress.Parse(address));
        await using var services = Services(resolver);

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(services, "http://hooks.shop.com/"));

        Assert.True(ForbiddenAddressException.IsCauseOf(fault));
        Assert.Equal(1, resolver.Asked);
    }

    [Fact]
    public async Task A_name_is_judged_again_for_each_connection()
    {
        await using var server = RawServer.Answering(200, "hello", "Connection: close");
        // First one inside another network, then this machine: the answer changes, as in rebinding.
        var resolver = new Names(IPAddress.Parse("240.0.0.1"), IPAddress.Loopback, IPAddress.Loopback);
        await using var services = Services(resolver);
        var url = $"http://hooks.shop.com:{server.BaseUrl.Port}/";

        for (var i = 0; i < 3; i++)
        {
            var fault = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(services, url));
            Assert.True(ForbiddenAddressException.IsCauseOf(fault));
        }

        Assert.Equal((3, 0), (resolver.Asked, server.Requests));
    }

    [Fact]
    public async Task Of_several_addresses_only_the_permitted_are_connected_to()
    {
        await using var server = RawServer.Answering(200, "hello");
        var resolver = new Names { All = [IPAddress.Parse("10.0.0.1"), IPAddress.Loopback] };
        await using var services = Services(resolver, ("Leyden:AllowLoopback", "true"));

        using var answer = await GetAsync(services, $"http://hooks.shop.com:{server.BaseUrl.Port}/");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_named_host_is_connected_to_wherever_it_is()
    {
        await using var server = RawServer.Answering(200, "hello");
        await using var services = Services(new Names(IPAddress.Loopback), ("Leyden:AllowedHosts", "receiver"));

        using var answer = await GetAsync(services, $"http://receiver:{server.BaseUrl.Port}/");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> GetAsync(ServiceProvider services, string url)
    {
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        return await client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Services(HostResolver resolver, params (string Name, string Value)[] settings)
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
                .Build()
        );
        services.AddSingleton(resolver);
        services.AddOutboundHttpClient("test");
        return services.BuildServiceProvider();
    }

    /// <summary>A resolver that gives one address after another, or several at once.</summary>
    private sealed class Names(params IPAddress[] inTurn) : HostResolver
    {
        public int Asked { get; private set; }

        public IPAddress[]? All { get; init; }

        public override Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            var address = All ?? [inTurn[Math.Min(Asked, inTurn.Length - 1)]];
            Asked++;
            return Task.FromResult(address);
        }
    }
}
