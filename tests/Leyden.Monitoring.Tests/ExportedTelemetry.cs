using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Monitor.OpenTelemetry.Exporter;
using Leyden.Api.Telemetry;
using Leyden.Predictions;
using Leyden.Telemetry;
using Leyden.Tests.Telemetry;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Leyden.Monitoring.Tests;

/// <summary>
/// What reaches the ingestion endpoint of Azure Monitor: everything that the meter has, a span and a line of the log, collected as the hosts
/// collect and sent by the exporter that the Functions app uses.
/// </summary>
public sealed partial class ExportedTelemetry : IAsyncLifetime
{
    private readonly List<JsonNode> _items = [];

    /// <summary>The metrics: name to the data points with their counts and dimensions.</summary>
    public ILookup<string, JsonNode> Metrics =>
        Data("MetricData")
            .SelectMany(d => d["metrics"]!.AsArray().Select(m => (m!, d)))
            .ToLookup(
                point => (string)point.Item1["name"]!,
                point =>
                {
                    var metric = point.Item1.DeepClone();
                    metric["dimensions"] = point.d["properties"]?.DeepClone();
                    return metric;
                },
                StringComparer.Ordinal
            );

    /// <summary>The keys of a line in the log.</summary>
    public IReadOnlySet<string> LogKeys =>
        Data("MessageData").SelectMany(d => d["properties"]!.AsObject()).Select(p => p.Key).ToHashSet();

    /// <summary>The spans that are no requests.</summary>
    public IEnumerable<JsonNode> Dependencies => Data("RemoteDependencyData");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var receiver = await TelemetryReceiver.StartAsync(stop);
        using (var host = Compose(receiver.Address))
        {
            await host.StartAsync(stop);
            EveryMeasurement.Take(new LeydenMetrics(host.Services.GetRequiredService<IMeterFactory>()));
            var id = PredictionId.Parse("01m87dk9yv8kbqh2z458wb6nh7");
            var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Leyden.Of.The.Test");
            using (PredictionScope.Begin(logger, id))
            using (PredictionTracing.Start("prediction.restart", id, trace: null))
            {
                Log.ALine(logger);
            }

            host.Services.GetRequiredService<TracerProvider>().ForceFlush();
            host.Services.GetRequiredService<MeterProvider>().ForceFlush();
            host.Services.GetRequiredService<LoggerProvider>().ForceFlush();
            await host.StopAsync(stop);
        }

        foreach (var line in receiver.All.SelectMany(r => Encoding.UTF8.GetString(r.Body).Split('\n')))
        {
            if (line.StartsWith('{'))
            {
                _items.Add(JsonNode.Parse(line)!);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<JsonNode> Data(string type) =>
        _items.Where(i => (string?)i["data"]?["baseType"] == type).Select(i => i["data"]!["baseData"]!);

    private static IHost Compose(Uri ingestion)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder
            .Services.AddLeydenTelemetry()
            .UseAzureMonitorExporter(monitor =>
            {
                monitor.ConnectionString =
                    $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={ingestion}";
                monitor.TracesPerSecond = null;
                monitor.SamplingRatio = 1;
                monitor.DisableOfflineStorage = true;
            });
        return builder.Build();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A line")]
        public static partial void ALine(ILogger logger);
    }
}
