using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.DurableTask.Sqlite;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;

namespace Leyden.Local.Generating;

/// <summary>Runs predictions in this process, on the durable engine in the data folder.</summary>
internal sealed class LocalSession : IPredictionSession
{
    /// <summary>How long the engine may take to note the ends of predictions whose pictures the caller has already.</summary>
    private static readonly TimeSpan NoteTime = TimeSpan.FromSeconds(2);

    /// <summary>Nobody waits for the engine's dispatchers to notice that they are idle, which takes them a second.</summary>
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromMilliseconds(50);

    private readonly IHost _host;
    private readonly WarningLines _warnings;
    private readonly ConcurrentBag<PredictionId> _ended = [];
    private readonly SampleBackend? _sample;
    private readonly PredictionService _service;
    private readonly PredictionWatcher _watcher;
    private readonly IObjectStore _objects;
    private readonly DurableTaskClient _client;

    private LocalSession(IHost host, WarningLines warnings, SampleBackend? sample)
    {
        _host = host;
        _warnings = warnings;
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
        var warnings = new WarningLines(terminal);
        builder.Logging.AddProvider(warnings);
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.AddLeyden(data, sample);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTime);
        var host = builder.Build();
        try
        {
            await LocalHost.StartAsync(host, cancellationToken);
            return new LocalSession(host, warnings, sample);
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<PredictionView> StartAsync(PredictionRequest request, CancellationToken cancellationToken) =>
        await _service.CreateAsync(request, _client, cancellationToken) switch
        {
            CreateOutcome.Created created => View(created.Prediction, null),
            CreateOutcome.Invalid invalid => throw new UsageException([.. invalid.Errors.Select(Explain)]),
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
            if (prediction.Status.IsTerminal())
            {
                _ended.Add(id);
            }

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
        await ForgetAsync();
        _warnings.Mute(); // work that is cut off now is none of this command's, and goes on with the next start
        await _host.StopAsync();
        // Not the sample backend: it would wait for idle connections, and nothing of it outlives the process.
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private InputError Explain(InputError error) =>
        error.Field == "backend" && _sample is not null
            ? GenerateRequest.InTermsOfOptions(error with { Message = $"{error.Message} {SampleBackend.HowToGetReal}" })
            : GenerateRequest.InTermsOfOptions(error);

    /// <summary>Lets the orchestrations of ended predictions end as well, and forgets them: what is of use is in the records.</summary>
    private async Task ForgetAsync()
    {
        using var limit = new CancellationTokenSource(NoteTime, TimeProvider.System);
        try
        {
            foreach (var id in _ended)
            {
                await _client.WaitForInstanceCompletionAsync(id.Value, limit.Token);
                await _client.PurgeInstanceAsync(id.Value, limit.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // A server forgets them after a day.
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
