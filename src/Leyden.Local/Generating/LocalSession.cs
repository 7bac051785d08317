using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;

namespace Leyden.Local.Generating;

/// <summary>Runs predictions in this process, on the durable engine in the data folder.</summary>
internal sealed class LocalSession : IPredictionSession
{
    /// <summary>How long the engine may take to note the ends of predictions whose pictures the caller has already.</summary>
    private static readonly TimeSpan NoteTime = TimeSpan.FromSeconds(2);
    private const string EachlabsBackendName = "eachlabs";

    private readonly EmbeddedHost _host;
    private readonly ConcurrentBag<PredictionId> _ended = [];
    private readonly PredictionService _service;
    private readonly PredictionWatcher _watcher;
    private readonly IObjectStore _objects;
    private readonly DurableTaskClient _client;
    private readonly BackendDirectory _backends;

    /// <summary>Runs them in a host, which is disposed with this.</summary>
    public LocalSession(EmbeddedHost host)
    {
        _host = host;
        _service = host.Services.GetRequiredService<PredictionService>();
        _watcher = host.Services.GetRequiredService<PredictionWatcher>();
        _objects = host.Services.GetRequiredService<IObjectStore>();
        _client = host.Services.GetRequiredService<DurableTaskClient>();
        _backends = host.Services.GetRequiredService<BackendDirectory>();
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
        await _host.DisposeAsync();
    }

    private InputError Explain(InputError error) =>
        GenerateRequest.InTermsOfOptions(
            error.Field == "backend" && !_backends.Names.Contains(EachlabsBackendName)
                ? error with
                {
                    Message = $"{error.Message} For {EachlabsBackendName} set EACHLABS_API_KEY.",
                }
                : error
        );

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
}
