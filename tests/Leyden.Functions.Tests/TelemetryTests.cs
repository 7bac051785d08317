using Leyden.Telemetry;
using Leyden.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;

namespace Leyden.Functions.Tests;

/// <summary>Where the worker's telemetry goes.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_go_to_Azure_Monitor_when_its_connection_string_is_set()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Stop);

        await LeaveASpanAsync(
            (
                "APPLICATIONINSIGHTS_CONNECTION_STRING",
                $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={receiver.Address}"
            )
        );

        Assert.Contains(
            receiver.All.Select(r => r.Path).Distinct(),
            path => receiver.TextOf(path).Contains("prediction.of-the-test", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Spans_go_to_an_OTLP_receiver_when_one_is_named()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Stop);

        await LeaveASpanAsync(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        );

        Assert.Contains("prediction.of-the-test", receiver.TextOf("/v1/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_collected_when_nobody_wants_it()
    {
        using var host = Compose();

        Assert.Null(host.Services.GetService<TracerProvider>());
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("Authorization=Key", false)]
    [InlineData("Authorization=AAD", true)]
    [InlineData("authorization=aad; ClientId=00000000-0000-0000-0000-000000000002", true)]
    [InlineData("ClientId=00000000-0000-0000-0000-000000000002;Authorization=AAD", true)]
    public void The_managed_identity_is_used_where_the_Functions_host_is_told_to(string? setting, bool isUsed) =>
        Assert.Equal(isUsed, FunctionsTelemetry.CredentialOf(setting) is not null);

    private static async Task LeaveASpanAsync(params (string Name, string Value)[] settings)
    {
        using var host = Compose(settings);
        await host.StartAsync(Stop);
        var id = Leyden.Predictions.PredictionId.Parse("01m87dk9yv8kbqh2z458wb6nh7");
        PredictionTracing.Start("prediction.of-the-test", id, trace: null)!.Dispose();
        Assert.True(host.Services.GetRequiredService<TracerProvider>().ForceFlush());
        await host.StopAsync(Stop);
    }

    private static IHost Compose(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))
        );
        builder.Services.AddTelemetry(builder.Configuration);
        return builder.Build();
    }
}
