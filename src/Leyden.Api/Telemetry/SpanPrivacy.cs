using System.Diagnostics;
using OpenTelemetry;

namespace Leyden.Api.Telemetry;

/// <summary>
/// Takes from spans what nobody who reads telemetry should have. Paths are permissions here: links to pictures and callback addresses
/// of ours, webhook addresses of callers, signed links of backends. So a request that comes in keeps its route alone, and one that
/// goes out its host. Must come before exporters.
/// </summary>
internal sealed class SpanPrivacy : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        data.SetStatus(data.Status); // without its description, which engines take from the messages of exceptions
        switch (data.Kind)
        {
            case ActivityKind.Server:
                var route = data.GetTagItem("http.route") as string;
                data.SetTag("url.path", route is null ? null : $"/{route.TrimStart('/')}");
                data.SetTag("url.query", null);
                break;
            case ActivityKind.Client when data.GetTagItem("url.full") is string url:
                data.SetTag("url.full", Uri.TryCreate(url, UriKind.Absolute, out var full) ? HostOf(full) : null);
                break;
        }

        if (data is { Kind: ActivityKind.Client, Source.Name: TelemetryServices.HttpClientSource } && IsAlone(data))
        {
            // Of housekeeping: it belongs to no prediction and no request, and there is one every few seconds.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    private static string HostOf(Uri url) =>
        $"{url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}/";

    private static bool IsAlone(Activity span) => span.ParentSpanId == default;
}
