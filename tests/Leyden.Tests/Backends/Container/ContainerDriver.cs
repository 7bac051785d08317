using System.Text.Json.Nodes;
using Azure.Core;
using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Emulators.Cog;
using Leyden.Identity;
using Leyden.Outputs;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Leyden.Tests.Backends.Container;

/// <summary>The backend as a host registers it, against an address, with a sink in a folder.</summary>
internal sealed class ContainerDriver : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;

    /// <param name="baseUrl">Where it sends its requests.</param>
    /// <param name="settings">Of section <c>Leyden:Container</c>.</param>
    public ContainerDriver(Uri baseUrl, params IEnumerable<(string Name, string Value)> settings)
        : this(baseUrl, null, settings) { }

    private ContainerDriver(Uri baseUrl, TokenCredential? identity, IEnumerable<(string Name, string Value)> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                settings
                    .Reverse() // the last of a name counts
                    .DistinctBy(s => s.Name)
                    .Select(s => KeyValuePair.Create($"Leyden:Container:{s.Name}", (string?)s.Value))
                    .Append(KeyValuePair.Create("Leyden:Container:BaseUrl", (string?)baseUrl.ToString()))
                    .DistinctBy(s => s.Key)
            )
            .Build();
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(new DeploymentIdentity(() => identity ?? throw new InvalidOperationException("No identity.")))
            .AddSingleton<IObjectStore>(new FolderObjectStore(_folder.Path, null, TimeProvider.System))
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs))
            .AddOutputFetching()
            .AddContainerBackend(configuration)
            .BuildServiceProvider();
        Backend = (ISynchronousBackend)_services.GetRequiredService<IBackend>();
    }

    public ISynchronousBackend Backend { get; }

    /// <summary>All that it logs.</summary>
    public RecordedLogs Logs { get; } = new();

    /// <summary>One that sends the tokens of an identity to an emulator with a sign-in.</summary>
    /// <param name="emulator">Has an audience.</param>
    /// <param name="settings">Of section <c>Leyden:Container</c>.</param>
    public static ContainerDriver BehindDoor(
        CogEmulator emulator,
        params IEnumerable<(string Name, string Value)> settings
    ) => BehindDoor(emulator, new PlayedIdentity(emulator), settings);

    /// <inheritdoc cref="BehindDoor(CogEmulator, IEnumerable{ValueTuple{string, string}})"/>
    public static ContainerDriver BehindDoor(
        CogEmulator emulator,
        TokenCredential identity,
        params IEnumerable<(string Name, string Value)> settings
    ) => new(emulator.BaseUrl, identity, settings.Append(("Audience", emulator.Options.Audience!)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An id that the container has not seen.</summary>
    public static string NewId() => Ulid.New(TimeProvider.System.GetUtcNow(), Randomness.Create()).Value;

    public static BackendRequest Request(string prompt, params (string Name, JsonNode Value)[] changes)
    {
        var input = new JsonObject
        {
            ["prompt"] = prompt,
            ["negative_prompt"] = "worst quality, low quality",
            ["width"] = 256,
            ["height"] = 256,
            ["num_outputs"] = 1,
            ["scheduler"] = "K_EULER",
            ["num_inference_steps"] = 4,
            ["guidance_scale"] = 0,
            ["seed"] = 4294967295,
            ["disable_safety_checker"] = false,
        };
        foreach (var (name, value) in changes)
        {
            input[name] = value;
        }

        return new BackendRequest(SdxlLightningInput.Model, null, input);
    }

    public static BackendRequest Request(CogFault fault, int? times = null) =>
        Request($"a test {CogFaults.Marker(fault, times)}");

    /// <summary>Runs a prediction.</summary>
    public async Task<(RunOutcome Outcome, IReadOnlyList<PredictionOutput> Pictures)> RunAsync(
        BackendRequest request,
        string? id = null
    )
    {
        var sink = NewSink();
        var outcome = await Backend.RunAsync(id ?? NewId(), request, sink, new Progress<double>(), Stop);
        return (outcome, sink.Stored);
    }

    /// <summary>Waits until the container is ready.</summary>
    public async Task ReadyAsync()
    {
        for (var i = 0; i < 1200 && await Backend.CheckReadinessAsync(Stop) is not Readiness.Ready; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private StoredOutputs NewSink()
    {
        var now = TimeProvider.System.GetUtcNow();
        var prediction = new Prediction
        {
            Id = PredictionId.New(now, Randomness.Create()),
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = [],
            Workload = "test",
            Backend = "container",
            Status = PredictionStatus.Starting,
            CreatedAt = now,
            Deadline = now,
        };
        return new StoredOutputs(prediction, _services.GetRequiredService<OutputWriter>());
    }
}
