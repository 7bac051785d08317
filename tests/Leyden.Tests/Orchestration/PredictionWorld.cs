using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.DurableTask.Sqlite;
using Leyden.DurableTask.Sqlite.Hosting;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Leyden.Tests.Orchestration;

/// <summary>
/// The core as a host composes it, on the real engine and a real folder, with a backend that does as it is told. It can be stopped
/// and started again on the same files.
/// </summary>
internal sealed class PredictionWorld : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Func<IObjectStore, IObjectStore> _decorate;
    private readonly Action<HostApplicationBuilder>? _configure;
    private readonly IReadOnlyList<IBackend> _backends;
    private IHost? _host;

    private PredictionWorld(
        ScriptedBackend backend,
        Func<IObjectStore, IObjectStore>? decorate,
        Action<HostApplicationBuilder>? configure,
        IReadOnlyList<IBackend>? backends
    )
    {
        Backend = backend;
        _backends = backends ?? [backend];
        _configure = configure;
        _decorate = decorate ?? (store => store);
    }

    /// <summary>The backend of the world, unless it was started with others.</summary>
    public ScriptedBackend Backend { get; }

    public PredictionService Service => Get<PredictionService>();

    public PredictionStore Store => Get<PredictionStore>();

    public DurableTaskClient Client => Get<DurableTaskClient>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<PredictionWorld> StartAsync(
        ScriptedBackend? backend = null,
        Func<IObjectStore, IObjectStore>? decorate = null,
        Action<HostApplicationBuilder>? configure = null,
        IReadOnlyList<IBackend>? backends = null
    )
    {
        var world = new PredictionWorld(backend ?? new ScriptedBackend(), decorate, configure, backends);
        await world.StartAsync();
        return world;
    }

    public async Task StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddLeydenCore();
        foreach (var backend in _backends)
        {
            builder.Services.AddSingleton(backend);
        }

        builder.Services.AddSingleton(services =>
            _decorate(
                new FolderObjectStore(
                    Path.Combine(_folder.Path, "objects"),
                    null,
                    services.GetRequiredService<TimeProvider>()
                )
            )
        );
        builder.Services.AddDurableTaskJson(LeydenJson.Options);
        builder.Services.AddSqliteDurableTask(
            _ => new SqliteOrchestrationOptions { Path = Path.Combine(_folder.Path, "engine.db") },
            tasks => tasks.AddLeydenTasks()
        );
        _configure?.Invoke(builder);
        _host = builder.Build();
        await _host.StartAsync(Stop);
    }

    public async Task StopAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    public T Get<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    public static PredictionRequest Request(string prompt = "a cat", string? key = null, TimeSpan? deadline = null) =>
        new()
        {
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = new JsonObject { ["prompt"] = prompt },
            IdempotencyKey = key,
            Deadline = deadline,
        };

    /// <summary>Accepts a prediction.</summary>
    public async Task<Prediction> CreateAsync(PredictionRequest? request = null)
    {
        var outcome = await Service.CreateAsync(request ?? Request(), Client, Stop);
        return Assert.IsType<CreateOutcome.Created>(outcome).Prediction;
    }

    /// <summary>Accepts a prediction and waits for its end.</summary>
    public async Task<Prediction> RunAsync(PredictionRequest? request = null) =>
        await EndAsync((await CreateAsync(request)).Id);

    /// <summary>Waits for the end of a prediction and of its orchestration.</summary>
    public async Task<Prediction> EndAsync(PredictionId id)
    {
        var ended = await Get<PredictionWatcher>().WaitAsync(Owner.Local, id, TimeSpan.FromMinutes(1), Stop);
        Assert.True(ended?.Status.IsTerminal(), $"{id} has not ended within a minute: {ended}");
        await Client.WaitForInstanceCompletionAsync(id.Value, Stop);
        return ended!;
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        Assert.Fail($"Not within half a minute: {what}");
    }
}
