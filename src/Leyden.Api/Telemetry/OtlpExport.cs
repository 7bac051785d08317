using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Leyden.Api.Telemetry;

/// <summary>Sends signals to OTLP receivers.</summary>
public static class OtlpExport
{
    /// <summary>Sends the signals that environment variables name a receiver for (<see cref="OtlpSignals"/>).</summary>
    public static OpenTelemetryBuilder ExportOtlp(this OpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        var signals = OtlpSignals.Read(configuration);
        if (signals.Traces)
        {
            telemetry.WithTracing(traces => traces.AddOtlpExporter(o => Apply(o, configuration, "TRACES")));
        }

        if (signals.Metrics)
        {
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter(o => Apply(o, configuration, "METRICS")));
        }

        if (signals.Logs)
        {
            telemetry.WithLogging(logs => logs.AddOtlpExporter(o => Apply(o, configuration, "LOGS")));
        }

        return telemetry;
    }

    // The exporter reads the variables for all signals itself, but those of a single one only when it is used for all.
    private static void Apply(OtlpExporterOptions options, IConfiguration configuration, string signal)
    {
        if (Of("PROTOCOL") is { } protocol)
        {
            options.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }

        if (Uri.TryCreate(Of("ENDPOINT"), UriKind.Absolute, out var endpoint))
        {
            options.Endpoint = endpoint; // as it is: no path is added to the address of a single signal
        }

        options.Headers = Of("HEADERS") ?? options.Headers;
        if (int.TryParse(Of("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            options.TimeoutMilliseconds = milliseconds;
        }

        string? Of(string what) =>
            configuration[$"OTEL_EXPORTER_OTLP_{signal}_{what}"] is { Length: > 0 } value ? value : null;
    }
}
