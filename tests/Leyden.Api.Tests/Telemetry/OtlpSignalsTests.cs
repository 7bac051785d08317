using Leyden.Api.Telemetry;
using Microsoft.Extensions.Configuration;

namespace Leyden.Api.Tests.Telemetry;

public sealed class OtlpSignalsTests
{
    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", true, true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", true, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", false, true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", false, false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", false, false, false)]
    public void A_signal_goes_out_when_a_variable_names_its_receiver(string name, bool traces, bool metrics, bool logs)
    {
        var signals = OtlpSignals.Read(Settings((name, "http://127.0.0.1:4318")));

        Assert.Equal(new OtlpSignals(traces, metrics, logs), signals);
        Assert.Equal(traces || metrics || logs, signals.Any);
    }

    [Fact]
    public void An_empty_variable_names_none() =>
        Assert.False(OtlpSignals.Read(Settings(("OTEL_EXPORTER_OTLP_ENDPOINT", " "))).Any);

    [Fact]
    public void All_can_be_turned_off() =>
        Assert.False(
            OtlpSignals
                .Read(Settings(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), ("OTEL_SDK_DISABLED", "true")))
                .Any
        );

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
            .Build();
}
