using System.Net;
using System.Net.Http.Headers;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>The link in <c>output</c>, from the picture's making to its end.</summary>
public sealed class OutputTests : IAsyncLifetime
{
    private readonly LeapingTime _time = new();
    private ApiHost _host = null!;
    private string _url = null!;
    private string _id = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync(time: _time);
        var prediction = await _host.Alice.SucceededAsync(ApiClient.Body("a cat"));
        _id = ApiClient.IdOf(prediction);
        _url = prediction["output"]!.GetValue<string>();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_serves_the_picture_whole_in_parts_and_by_conditions()
    {
        using var whole = await SendAsync(HttpMethod.Get);
        var picture = await whole.Content.ReadAsByteArrayAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal("image/png", whole.Content.Headers.ContentType!.MediaType);
        Assert.Equal(picture.Length, whole.Content.Headers.ContentLength);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], picture[..4]);
        var etag = whole.Headers.ETag!;

        using var head = await SendAsync(HttpMethod.Head);
        Assert.Equal(picture.Length, head.Content.Headers.ContentLength);
        Assert.Equal(etag, head.Headers.ETag);

        using var part = await SendAsync(HttpMethod.Get, r => r.Headers.Range = new RangeHeaderValue(10, 19));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(picture[10..20], await part.Content.ReadAsByteArrayAsync(Stop));

        using var beyond = await SendAsync(
            HttpMethod.Get,
            r => r.Headers.Range = new RangeHeaderValue(picture.Length, null)
        );
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);

        using var known = await SendAsync(HttpMethod.Get, r => r.Headers.IfNoneMatch.Add(etag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Empty(await known.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task A_changed_link_is_refused()
    {
        var token = new Uri(_url).Segments[2].TrimEnd('/');
        foreach (var at in new[] { 0, 5, 20, token.Length - 1 })
        {
            var forged = token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..];
            var answer = await _host.Nobody.GetAsync(_url.Replace(token, forged, StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.NotEmpty(answer.Json["error"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task An_expired_link_is_refused_and_a_new_read_gives_one_that_works()
    {
        _time.Leap(TimeSpan.FromHours(25));

        var expired = await _host.Nobody.GetAsync(_url);

        Assert.Equal(HttpStatusCode.Forbidden, expired.Status);
        Assert.Contains("expired", expired.Json["error"]!.GetValue<string>(), StringComparison.Ordinal);
        var fresh = (await _host.Alice.ReadAsync(_id))["output"]!.GetValue<string>();
        (await _host.Nobody.GetAsync(fresh)).Ok();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Action<HttpRequestMessage>? change = null)
    {
        using var request = _host.Nobody.Request(method, _url);
        change?.Invoke(request);
        return await _host.Nobody.SendAsync(request);
    }
}
