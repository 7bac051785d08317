using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.DurableTask.Sqlite;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;
using Spectre.Console;

namespace Leyden.Local.Generating;

/// <summary>Runs predictions in this process, on the durable engine in the data folder.</summary>
internal sealed class LocalSession : IPredictionSession
{
    private readonly IHost _host;
    private readonly SampleBackend? _sample;
    private readonly PredictionService _service;
    private readonly PredictionWatcher _watcher;
    private readonly IObjectStore _objects;
    private readonly DurableTaskClient _client;

    private LocalSession(IHost host, SampleBackend? sample)
    {
        _host = host;
        _sample = sample;
        _service = host.Services.GetRequiredService<PredictionService>();
        _watcher = host.Services.GetRequiredService<PredictionWatcher>();
        _objects = host.Services.GetRequiredService<IObjectStore>();
        _client = host.Services.GetRequiredService<DurableTaskClient>();
    }

    /// <summary>Starts the host.</summary>
    /// <exception cref="SetupException">A setting is wrong.</exception>
    /// <exception cref="DatabaseInUseException">Another process runs the engine of this data folder.</exception>
    public static async Task<LocalSession> OpenAsync(
        DataFolder data,
        IConfigurationRoot configuration,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var sample = LocalConfiguration.HasEachlabs(configuration)
            ? null
            : await SampleBackend.StartAsync(cancellationToken);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddConfiguration(configuration);
        builder.Configuration.AddInMemoryCollection(sample?.Settings ?? []);
        builder.Logging.AddProvider(new WarningLines(terminal));
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.AddLeyden(data, sample);
        var host = builder.Build();
        try
        {
            await LocalHost.StartAsync(host, cancellationToken);
            return new LocalSession(host, sample);
        }
        catch
        {
            await CloseAsync(host, sample);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<PredictionView> StartAsync(PredictionRequest request, CancellationToken cancellationToken) =>
        await _service.CreateAsync(request, _client, cancellationToken) switch
        {
            CreateOutcome.Created created => View(created.Prediction, null),
            CreateOutcome.Invalid invalid => throw new UsageException([
                .. invalid.Errors.Select(GenerateRequest.InTermsOfOptions),
            ]),
            var outcome => throw new InvalidOperationException($"Creating a prediction ended in {outcome}."),
        };

    /// <inheritdoc/>
    public async IAsyncEnumerable<PredictionView> FollowAsync(
        PredictionId id,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var prediction in _watcher.FollowAsync(Owner.Local, id, cancellationToken))
        {
            yield return View(prediction, await _service.AheadAsync(prediction, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public Task CancelAsync(PredictionId id, CancellationToken cancellationToken) =>
        _service.CancelAsync(Owner.Local, id, _client, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> OpenOutputAsync(
        PredictionView prediction,
        int index,
        CancellationToken cancellationToken
    ) =>
        (await _objects.GetAsync(new ObjectKey(prediction.Outputs[index]), cancellationToken))?.Content
        ?? throw new IOException($"Picture {index + 1} of prediction {prediction.Id} was deleted.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await CloseAsync(_host, _sample);
    }

    private static async Task CloseAsync(IHost host, SampleBackend? sample)
    {
        await ((IAsyncDisposable)host).DisposeAsync();
        if (sample is not null)
        {
            await sample.DisposeAsync();
        }
    }

    private static PredictionView View(Prediction prediction, int? ahead) =>
        new()
        {
            Id = prediction.Id,
            Status = prediction.Status,
            Backend = prediction.Backend,
            Storing = prediction.Storing,
            Ahead = ahead,
            CancelRequested = prediction.CancelRequestedAt is not null,
            Seed = ReadSeed(prediction.Input),
            Outputs = [.. prediction.Outputs.Select(o => o.Key.Value)],
            Duration = prediction.CompletedAt - prediction.CreatedAt,
            PredictTime = prediction.PredictTime,
            Cost = prediction.Cost,
            Failure = prediction.Failure,
            Notes = prediction.Notes,
        };

    /// <summary>The seed of an accepted input; null where the model has none, or one of another form.</summary>
    private static uint? ReadSeed(JsonObject input) =>
        input["seed"] is JsonValue value
        && value.GetValueKind() == JsonValueKind.Number
        && value.TryGetValue<uint>(out var seed)
            ? seed
            : null;

    /// <summary>Instead of the console's lifetime: what a signal means is decided by the command.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
