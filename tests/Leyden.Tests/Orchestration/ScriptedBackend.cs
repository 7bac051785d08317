using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Tests.Orchestration;

/// <summary>A backend in memory that answers as a test tells it, and remembers what it was asked.</summary>
internal sealed class ScriptedBackend : IAsynchronousBackend
{
    /// <summary>One white pixel.</summary>
    public static readonly Uri Picture = new(
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="
    );

    private int _accepted;

    public string Name => "scripted";

    public BackendLimits Limits { get; set; } = new(null, null, TimeSpan.FromSeconds(1), ResubmitUnknown: false);

    public bool CanReport { get; set; }

    public bool IsConfigured { get; set; } = true;

    public decimal? PricePerSecond { get; set; } = 0.00154m;

    /// <summary>What it can not run; null when it runs all.</summary>
    public InputError? Unsupported { get; set; }

    public InputError? FindUnsupported(string model, JsonObject input) => Unsupported;

    /// <summary>Answers to submissions, first come first; afterwards all are accepted.</summary>
    public ConcurrentQueue<SubmitOutcome> Submissions { get; } = new();

    /// <summary>Answers to looks, first come first; afterwards <see cref="Otherwise"/>.</summary>
    public ConcurrentQueue<ObserveOutcome> Looks { get; } = new();

    /// <summary>The answer to looks when <see cref="Looks"/> is empty.</summary>
    public ObserveOutcome Otherwise { get; set; } = Done();

    /// <summary>What later looks see once a cancel came; null when cancels have no effect.</summary>
    public ObserveOutcome? AfterCancel { get; set; } = new ObserveOutcome.Canceled();

    /// <summary>How many cancels are refused before one is taken.</summary>
    public int RefusedCancels { get; set; }

    /// <summary>Called before each submission is answered.</summary>
    public Func<BackendRequest, Task>? OnSubmit { get; set; }

    /// <summary>Called for each look; what it gives is the answer, unless null.</summary>
    public Func<Task<ObserveOutcome?>>? OnObserve { get; set; }

    /// <summary>Answers submissions by what they ask for; null, or an answer of null, leaves it to <see cref="Submissions"/>.</summary>
    public Func<BackendRequest, SubmitOutcome?>? Judge { get; set; }

    public ConcurrentQueue<BackendRequest> Requests { get; } = new();

    public ConcurrentQueue<string> Canceled { get; } = new();

    public int Observations;

    public static ObserveOutcome.Succeeded Done(int pictures = 1) =>
        new([.. Enumerable.Repeat(Picture, pictures)], TimeSpan.FromSeconds(0.5), 0.003m, "done");

    public async Task<SubmitOutcome> SubmitAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        if (OnSubmit is not null)
        {
            await OnSubmit(request);
        }

        return Judge?.Invoke(request) is { } judged ? judged
            : Submissions.TryDequeue(out var outcome) ? outcome
            : new SubmitOutcome.Accepted($"run-{Interlocked.Increment(ref _accepted)}");
    }

    public async Task<ObserveOutcome> ObserveAsync(string backendId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Observations);
        if (AfterCancel is not null && Canceled.Contains(backendId))
        {
            return AfterCancel;
        }

        return OnObserve is not null && await OnObserve() is { } told ? told
            : Looks.TryDequeue(out var outcome) ? outcome
            : Otherwise;
    }

    public Task<bool> CancelAsync(string backendId, CancellationToken cancellationToken)
    {
        if (RefusedCancels > 0)
        {
            RefusedCancels--;
            return Task.FromResult(false);
        }

        Canceled.Enqueue(backendId);
        return Task.FromResult(true);
    }
}
