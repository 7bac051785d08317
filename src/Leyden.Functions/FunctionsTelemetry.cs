using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Leyden.Api.Telemetry;
using Leyden.Identity;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions;

/// <summary>
/// Telemetry of the worker. The Functions host sends its own half (the requests, the triggers, the orchestrations) by the same
/// variables; the worker's spans are below those of the host.
/// </summary>
internal static class FunctionsTelemetry
{
    private const string Connection = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>Exports to Azure Monitor and OTLP receivers as far as variables name them; else costs nothing.</summary>
    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var hasMonitor = !string.IsNullOrWhiteSpace(configuration[Connection]);
        if (hasMonitor || OtlpSignals.Read(configuration).Any)
        {
            Add(services, configuration, hasMonitor);
        }
    }

    // A method of its own, so that none of it is loaded when nothing is exported: it would make a cold start longer.
    private static void Add(IServiceCollection services, IConfiguration configuration, bool hasMonitor)
    {
        var telemetry = services.AddLeydenTelemetry().ExportOtlp(configuration);
        telemetry.UseFunctionsWorkerDefaults();
        if (hasMonitor)
        {
            telemetry.UseAzureMonitorExporter(monitor =>
            {
                monitor.ConnectionString = configuration[Connection];
                if (string.IsNullOrWhiteSpace(configuration[Sampler]))
                {
                    // Its own default, a few traces a second, would leave gaps in traces whose other half the host keeps.
                    monitor.TracesPerSecond = null;
                    monitor.SamplingRatio = 1;
                }

                if (CredentialOf(configuration[Authentication]) is { } credential)
                {
                    monitor.Credential = credential;
                }
            });
        }
    }

    /// <summary>
    /// Reads the variable by which the Functions host itself is told to use a managed identity: <c>Authorization=AAD</c>, with
    /// <c>;ClientId=…</c> for one that is assigned by users.
    /// </summary>
    /// <returns>The identity; null when the key in the connection string is enough.</returns>
    internal static TokenCredential? CredentialOf(string? authentication)
    {
        var parts = (authentication ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToLookup(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        return parts["Authorization"].Contains("AAD", StringComparer.OrdinalIgnoreCase)
            ? DeploymentIdentity.CreateCredential(parts["ClientId"].FirstOrDefault())
            : null;
    }
}
