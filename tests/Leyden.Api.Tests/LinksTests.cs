using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests;

/// <summary>The addresses in answers.</summary>
public sealed class LinksTests
{
    [Theory]
    [InlineData("https://leyden.example.com")]
    [InlineData("https://leyden.example.com/")]
    [InlineData("https://example.com/pictures/")]
    public async Task They_begin_with_the_configured_address(string root)
    {
        await using var host = await ApiHost.StartAsync([("Leyden:PublicBaseUrl", root)]);

        var prediction = await host.Alice.SucceededAsync(ApiClient.Body("a cat"));

        var prefix = root.TrimEnd('/');
        var id = ApiClient.IdOf(prediction);
        Assert.Equal($"{prefix}/v1/prediction/{id}", prediction["urls"]!["get"]!.GetValue<string>());
        Assert.Equal($"{prefix}/v1/prediction/{id}/cancel", prediction["urls"]!["cancel"]!.GetValue<string>());
        Assert.StartsWith($"{prefix}/outputs/", prediction["output"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_host_in_the_request_they_are_relative()
    {
        await using var host = await ApiHost.StartAsync();
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat"));

        using var client = new TcpClient();
        await client.ConnectAsync(
            host.Alice.BaseUrl.Host,
            host.Alice.BaseUrl.Port,
            TestContext.Current.CancellationToken
        );
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET /v1/prediction/{id} HTTP/1.0\r\nX-API-Key: {ApiHost.AliceKey}\r\n\r\n"),
            TestContext.Current.CancellationToken
        );
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        var json = JsonNode.Parse(answer[answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)..]);
        Assert.Equal($"/v1/prediction/{id}", json!["urls"]!["get"]!.GetValue<string>());
    }
}
