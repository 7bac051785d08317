using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;
using Leyden.TestSupport;

namespace Leyden.Local.Tests;

/// <summary>What <c>leyden serve</c> sends to an OTLP receiver.</summary>
public sealed class TelemetryTests : IAsyncDisposable
{
    private const string Prompt = "a prompt that no telemetry may show";
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Traces_and_metrics_arrive_without_prompts()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Cancellation);
        _home.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address.ToString();
        _home.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        await using var eachlabs = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(200) },
            Cancellation
        );
        _home.Use(eachlabs);
        using var server = await LeydenServer.StartAsync(_home);

        var id = await server.CreateAsync(Prompt);
        await server.EndAsync(id!);
        server.Process.Terminate(); // what has not been sent is sent at the end
        await server.Process.FinishAsync();

        Assert.All(receiver.All, r => Assert.Equal("application/x-protobuf", r.ContentType));
        var traces = receiver.TextOf("/v1/traces");
        Assert.All(
            [
                "service.name",
                "leyden",
                "POST v1/prediction",
                "prediction.accept",
                "activity:SubmitPrediction",
                "prediction.observe",
                "backend.submit",
                id!,
            ],
            word => Assert.Contains(word, traces, StringComparison.Ordinal)
        );
        var metrics = receiver.TextOf("/v1/metrics");
        Assert.All(
            ["leyden.predictions", "{prediction}", "http.server.request.duration", "http.client.request.duration"],
            word => Assert.Contains(word, metrics, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(id!, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("server.address", metrics, StringComparison.Ordinal);
        Assert.All(
            receiver.All.Select(r => r.Path).Distinct(),
            path => Assert.DoesNotContain(Prompt, receiver.TextOf(path), StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_is_logged_of_a_prediction_arrives_with_its_id_and_without_its_prompt()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Cancellation);
        _home.Environment["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = new Uri(receiver.Address, "v1/logs").ToString();
        _home.Environment["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"] = "http/protobuf";
        _home.Environment["OTEL_BLRP_SCHEDULE_DELAY"] = "100"; // milliseconds
        _home.Environment["Leyden__Eachlabs__BaseUrl"] = "http://127.0.0.1:1/"; // where nobody listens
        _home.Environment["Leyden__Eachlabs__ApiKey"] = "key-of-the-test";
        using var server = await LeydenServer.StartAsync(_home);

        var id = await server.CreateAsync(Prompt);
        await server.Process.SeeAsync("did not reach eachlabs");
        server.Process.Terminate();
        await server.Process.FinishAsync();

        var logs = receiver.TextOf("/v1/logs");
        Assert.All(
            ["did not reach", "PredictionId", id!],
            word => Assert.Contains(word, logs, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(Prompt, logs, StringComparison.Ordinal);
        Assert.DoesNotContain("key-of-the-test", logs, StringComparison.Ordinal);
        Assert.Equal(["/v1/logs"], receiver.All.Select(r => r.Path).Distinct());
    }

    [Fact]
    public async Task A_name_of_ones_own_and_a_single_signal_can_be_chosen()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Cancellation);
        _home.Environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = new Uri(receiver.Address, "v1/traces").ToString();
        _home.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        _home.Environment["OTEL_SERVICE_NAME"] = "pictures-of-the-shop";
        using var server = await LeydenServer.StartAsync(_home);

        await server.EndAsync((await server.CreateAsync(Prompt))!);
        server.Process.Terminate();
        await server.Process.FinishAsync();

        Assert.Equal(["/v1/traces"], receiver.All.Select(r => r.Path).Distinct());
        Assert.Contains("pictures-of-the-shop", receiver.TextOf("/v1/traces"), StringComparison.Ordinal);
    }
}
