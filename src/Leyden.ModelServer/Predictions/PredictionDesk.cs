using Leyden.Diffusion;
using Leyden.ModelServer.Inputs;
using Leyden.ModelServer.Webhooks;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Predictions;

/// <summary>
/// Takes predictions in, lets them wait in a bounded queue in order of arrival, gives them to the model and keeps what came of them for a
/// while. An id is unique among those that have not ended.
/// </summary>
internal sealed class PredictionDesk(
    PredictionRunner runner,
    RecentPredictions recent,
    WebhookCouriers couriers,
    IOptions<ModelServerOptions> options,
    TimeProvider time
) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Prediction> _active = new(StringComparer.Ordinal);
    private readonly LinkedList<Prediction> _waiting = [];
    private readonly List<ModelRun> _running = [];
    private readonly SemaphoreSlim _writers = new(options.Value.Slots);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITextToImage? _model;
    private string? _closed = "the model is not loaded yet";
    private bool _isClosing;

    /// <summary>Lets predictions in.</summary>
    public void Open(ITextToImage model)
    {
        lock (_gate)
        {
            if (!_isClosing)
            {
                (_model, _closed) = (model, null);
            }
        }
    }

    /// <summary>How busy it is.</summary>
    public DeskLoad Load
    {
        get
        {
            lock (_gate)
            {
                return new DeskLoad(_running.Count, _waiting.Count, IsFull);
            }
        }
    }

    /// <summary>The run that has not moved for the longest time, among those that somebody waits for and those that nobody does.</summary>
    public (TimeSpan Wanted, TimeSpan Canceled) LongestStill
    {
        get
        {
            lock (_gate)
            {
                return (Longest(canceled: false), Longest(canceled: true));
            }

            TimeSpan Longest(bool canceled) =>
                _running
                    .Where(run => run.Stop.IsCancellationRequested == canceled)
                    .Select(run => run.Still)
                    .DefaultIfEmpty()
                    .Max();
        }
    }

    /// <summary>Asks for a prediction.</summary>
    public Admission Submit(string id, PredictionInput input, WebhookTarget? webhook)
    {
        Prediction prediction;
        lock (_gate)
        {
            if (_active.TryGetValue(id, out var running))
            {
                return new Admission.AlreadyRunning(running);
            }

            if ((_closed ?? runner.Breakdown) is { } reason)
            {
                return new Admission.NotReady(reason);
            }

            if (IsFull)
            {
                return new Admission.AtCapacity("all prediction slots and places in the queue are taken");
            }

            WebhookCourier? courier = null;
            if (webhook is not null && (courier = couriers.TryCreate(webhook)) is null)
            {
                return new Admission.AtCapacity("too many webhooks are under way");
            }

            prediction = new Prediction(new PredictionState(id, input, time.GetUtcNow()), courier);
            recent.Remove(id);
            _active.Add(id, prediction);
            _waiting.AddLast(prediction);
            StartWaiting();
        }

        return new Admission.Accepted(prediction);
    }

    /// <summary>Finds one that has not ended.</summary>
    public Prediction? FindActive(string id)
    {
        lock (_gate)
        {
            return _active.GetValueOrDefault(id);
        }
    }

    /// <summary>The place in the queue, 1 for the next; null when it does not wait.</summary>
    public int? PositionOf(string id)
    {
        lock (_gate)
        {
            var position = 0;
            foreach (var waiting in _waiting)
            {
                position++;
                if (waiting.Id == id)
                {
                    return position;
                }
            }

            return null;
        }
    }

    /// <summary>Asks for the end of one that has not ended.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Cancel(string id) => FindActive(id) is { } prediction && Cancel(prediction);

    /// <summary>Asks for the end of this very one. A run ends when the model lets go, or when no other prediction needs it.</summary>
    /// <returns>Whether it had not ended.</returns>
    public bool Cancel(Prediction prediction) => Cancel(prediction, turnedAway: null);

    private bool Cancel(Prediction prediction, string? turnedAway)
    {
        ModelRun? toStop = null;
        lock (_gate)
        {
            if (_active.GetValueOrDefault(prediction.Id) != prediction)
            {
                return false;
            }

            prediction.RequestCancel(turnedAway);
            var run = _running.Find(r => r.Members.Contains(prediction));
            if (run is not null && run.Members.All(m => m.IsCancelRequested))
            {
                toStop = run;
            }
            else if (run is not null || _waiting.Remove(prediction))
            {
                prediction.EndCanceled(time.GetUtcNow());
                Leave(prediction);
            }
        }

        toStop?.Cancel();
        return true;
    }

    /// <summary>Lets nobody in any more and ends what waits; what runs goes on.</summary>
    /// <param name="reason">Why, for those who are refused.</param>
    public void Close(string reason)
    {
        Prediction[] waiting;
        lock (_gate)
        {
            (_closed, _isClosing) = (reason, true);
            waiting = [.. _waiting];
            SignalWhenIdle();
        }

        foreach (var prediction in waiting)
        {
            Cancel(prediction, reason);
        }
    }

    /// <summary>After <see cref="Close"/>: waits for what runs, and cancels it when that takes too long.</summary>
    /// <param name="patience">How long it may go on.</param>
    /// <param name="cancellationToken">Gives up the wait altogether.</param>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _idle.Task.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Prediction[] left;
            lock (_gate)
            {
                left = [.. _active.Values];
            }

            foreach (var prediction in left)
            {
                Cancel(prediction, _closed);
            }

            await _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writers.Dispose();

    private bool IsFull => _running.Count >= options.Value.Slots && _waiting.Count >= options.Value.QueueLength;

    private void StartWaiting()
    {
        while (_running.Count < options.Value.Slots && _waiting.First is { } first)
        {
            var run = new ModelRun(TakeBatch(first), time);
            _running.Add(run);
            _ = Task.Run(() => RunAsync(run, _model!));
        }
    }

    // The first of the queue, and those behind it that can share its run, in order.
    private List<Prediction> TakeBatch(LinkedListNode<Prediction> first)
    {
        var (settings, pictures) = (first.Value.State.Input.Settings, 0);
        var batch = new List<Prediction>();
        for (var node = first; node is not null; )
        {
            var (next, input) = (node.Next, node.Value.State.Input);
            if (batch.Count == 0 || (input.Settings == settings && pictures + input.Outputs <= options.Value.BatchSize))
            {
                pictures += input.Outputs;
                batch.Add(node.Value);
                _waiting.Remove(node);
            }

            node = pictures < options.Value.BatchSize ? next : null;
        }

        return batch;
    }

    private async Task RunAsync(ModelRun run, ITextToImage model)
    {
        var made = await runner.GenerateAsync(run, model);
        await _writers.WaitAsync(); // pictures are written while the next run draws: as many as draw, at most
        lock (_gate)
        {
            _running.Remove(run);
            StartWaiting();
        }

        var ends = await runner.WriteAsync(made, run, model.Model);
        _writers.Release();
        lock (_gate)
        {
            foreach (var end in ends.Where(e => _active.GetValueOrDefault(e.Prediction.Id) == e.Prediction))
            {
                end.Apply(time.GetUtcNow(), run.Elapsed);
                Leave(end.Prediction);
            }
        }
    }

    // Kept before it leaves, so that no reader misses it; told last, so that who waited finds the id free.
    private void Leave(Prediction ended)
    {
        recent.Add(ended.State);
        _active.Remove(ended.Id);
        ended.Tell();
        SignalWhenIdle();
    }

    private void SignalWhenIdle()
    {
        if (_isClosing && _active.Count == 0)
        {
            _idle.TrySetResult();
        }
    }
}
