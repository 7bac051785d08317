using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Leyden.Api.Outputs;
using Leyden.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Api.Tests.Outputs;

/// <summary>Signed URLs as a browser meets them: a folder store, the handler and Kestrel.</summary>
public sealed class OutputHandlersTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("outputs/alice/01jx/0.png");
    private static readonly byte[] Picture = [.. Enumerable.Range(0, 1000).Select(index => (byte)(index * 7))];

    private readonly string _folder = Directory.CreateTempSubdirectory("leyden-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private WebApplication _host = null!;
    private HttpClient _http = null!;
    private IObjectStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("Leyden:Storage:Folder", _folder)]);
        builder.Services.AddSingleton<TimeProvider>(_time).AddObjectStore(builder.Configuration).AddOutputUrls();
        builder.Services.AddHttpClient();
        _host = builder.Build();
        _host.MapMethods(OutputHandlers.Pattern, [HttpMethods.Get, HttpMethods.Head], OutputHandlers.GetAsync);
        await _host.StartAsync(Cancellation);

        _http = _host.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        _http.BaseAddress = new Uri(_host.Urls.Single());
        _store = _host.Services.GetRequiredService<IObjectStore>();
        using var content = new MemoryStream(Picture);
        await _store.PutAsync(Key, content, "image/png", WriteCondition.None, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_signed_url_serves_its_object_with_all_that_a_browser_needs()
    {
        using var answer = await SendAsync(HttpMethod.Get, await UrlAsync());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(Picture.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("inline; filename=\"0.png\"", Header(answer, "Content-Disposition"));
        Assert.Equal(
            new CacheControlHeaderValue { Private = true, MaxAge = TimeSpan.FromHours(1) },
            answer.Headers.CacheControl
        );
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("default-src 'none'; sandbox", Header(answer, "Content-Security-Policy"));
        Assert.Equal("bytes", Header(answer, "Accept-Ranges"));
        Assert.False(answer.Headers.ETag!.IsWeak);
        Assert.Equal(_time.GetUtcNow(), answer.Content.Headers.LastModified);
        Assert.Equal(Picture, await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Head_answers_as_get_without_the_content()
    {
        using var answer = await SendAsync(HttpMethod.Head, await UrlAsync());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Picture.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        Assert.NotNull(answer.Headers.ETag);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task A_known_tag_answers_304_until_the_object_changes()
    {
        var url = await UrlAsync();
        using var first = await SendAsync(HttpMethod.Get, url);
        var etag = first.Headers.ETag!;

        using var same = await SendAsync(HttpMethod.Get, url, request => request.Headers.IfNoneMatch.Add(etag));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(etag, same.Headers.ETag);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(Cancellation));

        using var content = new MemoryStream(Picture);
        await _store.PutAsync(Key, content, "image/png", WriteCondition.None, Cancellation);
        using var changed = await SendAsync(HttpMethod.Get, url, request => request.Headers.IfNoneMatch.Add(etag));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=990-5000", 990, 10)]
    [InlineData("bytes=500-", 500, 500)]
    [InlineData("bytes=-3", 997, 3)]
    public async Task A_range_answers_206_with_that_part(string range, int from, int count)
    {
        using var answer = await SendAsync(
            HttpMethod.Get,
            await UrlAsync(),
            request => request.Headers.Range = RangeHeaderValue.Parse(range)
        );

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal($"bytes {from}-{from + count - 1}/1000", answer.Content.Headers.ContentRange?.ToString());
        Assert.Equal(Picture[from..(from + count)], await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task A_range_after_the_end_answers_416_and_one_of_another_version_the_whole()
    {
        var url = await UrlAsync();
        using var beyond = await SendAsync(
            HttpMethod.Get,
            url,
            request => request.Headers.Range = new RangeHeaderValue(1000, null)
        );
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal("bytes */1000", beyond.Content.Headers.ContentRange?.ToString());

        using var stale = await SendAsync(
            HttpMethod.Get,
            url,
            request =>
            {
                request.Headers.Range = new RangeHeaderValue(0, 9);
                request.Headers.IfRange = new RangeConditionHeaderValue("\"another\"");
            }
        );
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
        Assert.Equal(Picture.Length, stale.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task An_expired_url_answers_403_and_says_so()
    {
        var url = await UrlAsync();
        _time.Advance(TimeSpan.FromHours(1));

        using var answer = await SendAsync(HttpMethod.Get, url);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("no-store", Header(answer, "Cache-Control"));
        Assert.Equal("The link has expired. Ask for the prediction again to get a new one.", await ErrorAsync(answer));
    }

    [Fact]
    public async Task The_url_of_a_deleted_object_answers_404()
    {
        var url = await UrlAsync();
        await _store.DeleteAsync(Key, Cancellation);

        using var answer = await SendAsync(HttpMethod.Get, url);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("The output was deleted.", await ErrorAsync(answer));
    }

    [Fact]
    public async Task No_path_but_a_signed_one_reaches_an_object()
    {
        using var secret = new MemoryStream(Encoding.UTF8.GetBytes("{}"));
        await _store.PutAsync(new("secret.json"), secret, "application/json", WriteCondition.None, Cancellation);
        var signed = (await UrlAsync()).OriginalString;
        foreach (
            var path in new[]
            {
                "/outputs/x/0.png",
                "/outputs/alice/0.png",
                "/outputs/alice/01jx/0.png",
                "/outputs/" + Key.Value.Replace("/", "%2F", StringComparison.Ordinal) + "/0.png",
                "/outputs/..%2Fsecret.json/secret.json",
                "/outputs/%2e%2e/secret.json",
                signed.Replace("/0.png", "/secret.json", StringComparison.Ordinal),
                signed.Replace("/0.png", "/..%2F..%2Fsecret.json", StringComparison.Ordinal),
                signed.Replace("/0.png", "", StringComparison.Ordinal),
                "/secret.json",
                "/.store/url-secret/secret",
            }
        )
        {
            using var answer = await SendAsync(HttpMethod.Get, new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Urls_stay_valid_when_the_host_starts_again()
    {
        var url = await UrlAsync();
        await DisposeHostAsync();
        await InitializeAsync();

        using var answer = await SendAsync(HttpMethod.Get, url);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task DisposeHostAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    private async Task<Uri> UrlAsync() =>
        await _store.CreateReadUrlAsync(Key, _time.GetUtcNow().AddHours(1), Cancellation);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        Uri url,
        Action<HttpRequestMessage>? change = null
    )
    {
        using var request = new HttpRequestMessage(method, url);
        change?.Invoke(request);
        return await _http.SendAsync(request, Cancellation);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.Concat(answer.Content.Headers).Single(header => header.Key == name).Value.Single();

    private static async Task<string?> ErrorAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        return json.RootElement.GetProperty("error").GetString();
    }
}
