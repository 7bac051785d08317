using Microsoft.Extensions.Configuration;

namespace Leyden.Api.Telemetry;

/// <summary>
/// Which signals go to an OTLP receiver, by the environment variables of the OpenTelemetry specification: those that
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> or the variable of the signal gives an address.
/// </summary>
/// <param name="Traces">Whether traces do.</param>
/// <param name="Metrics">Whether metrics do.</param>
/// <param name="Logs">Whether logs do.</param>
public sealed record OtlpSignals(bool Traces, bool Metrics, bool Logs)
{
    /// <summary>Whether any does.</summary>
    public bool Any => Traces || Metrics || Logs;

    /// <summary>Reads the variables. <c>OTEL_SDK_DISABLED=true</c> turns all off.</summary>
    public static OtlpSignals Read(IConfiguration configuration)
    {
        var isOff = bool.TryParse(configuration["OTEL_SDK_DISABLED"], out var disabled) && disabled;
        var all = HasAddress("");
        return new OtlpSignals(Goes("TRACES_"), Goes("METRICS_"), Goes("LOGS_"));

        bool Goes(string signal) => !isOff && (all || HasAddress(signal));
        bool HasAddress(string signal) =>
            !string.IsNullOrWhiteSpace(configuration[$"OTEL_EXPORTER_OTLP_{signal}ENDPOINT"]);
    }
}
