using System.Diagnostics;
using Leyden.Api.Telemetry;

namespace Leyden.Api.Tests.Telemetry;

public sealed class SpanPrivacyTests
{
    [Theory]
    [InlineData("https://hooks.example/services/T0/B0/token?x=y", "https://hooks.example/")]
    [InlineData("http://user:word@127.0.0.1:8080/path#part", "http://127.0.0.1:8080/")]
    [InlineData("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/")]
    [InlineData("no url", null)]
    public void An_outgoing_request_keeps_its_host(string url, string? kept)
    {
        using var span = Span(ActivityKind.Client).SetTag("url.full", url);

        using var privacy = new SpanPrivacy();
        privacy.OnEnd(span);

        Assert.Equal(kept, span.GetTagItem("url.full"));
    }

    [Theory]
    [InlineData("outputs/{token}/{fileName}", "/outputs/{token}/{fileName}")]
    [InlineData(null, null)]
    public void An_incoming_request_keeps_its_route(string? route, string? path)
    {
        using var span = Span(ActivityKind.Server)
            .SetTag("url.path", "/outputs/the-token/1.png")
            .SetTag("url.query", "?key=Redacted")
            .SetTag("http.route", route);

        using var privacy = new SpanPrivacy();
        privacy.OnEnd(span);

        Assert.Equal(path, span.GetTagItem("url.path"));
        Assert.Null(span.GetTagItem("url.query"));
    }

    [Fact]
    public void A_fault_is_kept_without_its_words()
    {
        using var span = Span(ActivityKind.Internal).SetStatus(ActivityStatusCode.Error, "what an exception said");

        using var privacy = new SpanPrivacy();
        privacy.OnEnd(span);

        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
    }

    private static Activity Span(ActivityKind kind)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == nameof(SpanPrivacyTests),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource(nameof(SpanPrivacyTests));
        return source.StartActivity("test", kind)!;
    }
}
