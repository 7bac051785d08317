using Leyden.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Leyden.Api.Telemetry;

/// <summary>What both hosts collect, and how it leaves them.</summary>
public static class TelemetryServices
{
    internal const string HttpClientSource = "System.Net.Http";

    private const string HttpClientMeter = "System.Net.Http";
    private const string HttpClientDuration = "http.client.request.duration";

    /// <summary>
    /// Collects traces, metrics and logs of the core and of the platform below it. Whoever calls adds an exporter and what is
    /// particular to the host. Costs start-up time: only for hosts that export.
    /// </summary>
    public static OpenTelemetryBuilder AddLeydenTelemetry(this IServiceCollection services) =>
        services
            .AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService("leyden", serviceVersion: Version).AddEnvironmentVariableDetector() // so that OTEL_SERVICE_NAME has the last word
            )
            .WithTracing(traces =>
                traces
                    .AddProcessor(new SpanPrivacy())
                    .AddSource(PredictionTracing.SourceName)
                    .AddSource(HttpClientSource)
            )
            .WithMetrics(metrics =>
                metrics
                    .AddMeter(LeydenMetrics.MeterName)
                    .AddMeter("System.Runtime")
                    .AddMeter(HttpClientMeter)
                    .AddView(instrument =>
                        instrument.Meter.Name != HttpClientMeter ? null
                        : instrument.Name == HttpClientDuration ? OutgoingRequests()
                        : MetricStreamConfiguration.Drop
                    )
            )
            .WithLogging(
                null,
                logs =>
                {
                    logs.IncludeScopes = true; // the prediction's id is in a scope
                    logs.IncludeFormattedMessage = true;
                }
            );

    /// <summary>
    /// Collects what a host that is its own web server and durable engine has besides: requests that come in, orchestrations.
    /// </summary>
    public static OpenTelemetryBuilder WithServer(this OpenTelemetryBuilder telemetry) =>
        telemetry
            .WithTracing(traces => traces.AddAspNetCoreInstrumentation().AddSource("DurableTask.Core"))
            .WithMetrics(metrics => metrics.AddMeter("Microsoft.AspNetCore.Hosting"));

    private static string? Version => typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3);

    // Without the host: callers name hosts, as many as they like.
    private static MetricStreamConfiguration OutgoingRequests() =>
        new() { TagKeys = ["http.request.method", "http.response.status_code", "error.type"] };
}
