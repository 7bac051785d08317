using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Backends;

/// <summary>
/// Where predictions run: an <see cref="IAsynchronousBackend"/> or an <see cref="ISynchronousBackend"/>. A backend speaks one wire
/// protocol and maps its answers to closed sets of outcomes; it keeps no state, waits for nothing and repeats nothing but reads.
/// Time, order and repetition belong to the orchestration.
/// </summary>
public interface IBackend
{
    /// <summary>The name in configuration and records: <c>eachlabs</c>, <c>container</c>, <c>built-in</c>.</summary>
    string Name { get; }

    /// <summary>What it allows. Kept by the orchestration, not by the backend.</summary>
    BackendLimits Limits { get; }

    /// <summary>Whether it has what it needs to run anything, such as a key.</summary>
    bool IsConfigured => true;

    /// <summary>Whether it only stands in while no other is configured: it is never chosen beside another.</summary>
    bool StandsIn => false;

    /// <summary>What it costs in US dollars a second: of a run, or of being awake where it sleeps; null when nobody knows.</summary>
    decimal? PricePerSecond => null;

    /// <summary>Finds what it can not run, before anything is accepted.</summary>
    /// <param name="model">The model's slug.</param>
    /// <param name="input">The accepted input.</param>
    /// <returns>The fault, in words for the caller; null when it runs that.</returns>
    InputError? FindUnsupported(string model, JsonObject input) => null;
}

/// <summary>A backend that takes a prediction, answers at once, and is asked later how far it is.</summary>
public interface IAsynchronousBackend : IBackend
{
    /// <summary>Whether it takes a URL at which to report that a prediction has ended. Whether it then does is learned.</summary>
    bool CanReport { get; }

    /// <summary>Asks the backend to run a prediction. One attempt.</summary>
    Task<SubmitOutcome> SubmitAsync(BackendRequest request, CancellationToken cancellationToken);

    /// <summary>Reads how far an accepted prediction is.</summary>
    Task<ObserveOutcome> ObserveAsync(string backendId, CancellationToken cancellationToken);

    /// <summary>Asks the backend to stop an accepted prediction. Best effort: only a later observation tells the outcome.</summary>
    /// <returns>Whether the backend took the request.</returns>
    Task<bool> CancelAsync(string backendId, CancellationToken cancellationToken);
}

/// <summary>What a backend is asked to run.</summary>
/// <param name="Model">The model's slug, such as <c>sdxl-lightning-4step</c>.</param>
/// <param name="Version">The model's version; null for the backend's own default.</param>
/// <param name="Input">The model's input as JSON with numbers as numbers; the backend converts to its wire form.</param>
/// <param name="Callback">Where to report the end, for backends that can; not to be logged. Null to leave that.</param>
public sealed record BackendRequest(string Model, string? Version, JsonObject Input, Uri? Callback = null);

/// <summary>What became of a submission.</summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome() { }

    /// <summary>The backend runs it (and bills it).</summary>
    /// <param name="BackendId">The backend's id of the prediction.</param>
    public sealed record Accepted(string BackendId) : SubmitOutcome;

    /// <summary>The backend said no: nothing runs, nothing is billed, and repeating the same would fail again.</summary>
    public sealed record Rejected(PredictionFailure Failure) : SubmitOutcome;

    /// <summary>A limit of the backend was hit: nothing runs; repeat later.</summary>
    /// <param name="RetryAfter">How long to wait; null when the backend did not say.</param>
    public sealed record Throttled(TimeSpan? RetryAfter) : SubmitOutcome;

    /// <summary>The request certainly did not reach the backend (refused connection, unknown host): nothing runs; repeat later.</summary>
    public sealed record NotSent(PredictionFailure Failure) : SubmitOutcome;

    /// <summary>The request may have reached the backend, but its answer did not reach us: it may run and be billed.</summary>
    public sealed record Unknown(PredictionFailure Failure) : SubmitOutcome;
}

/// <summary>How far an accepted prediction is.</summary>
public abstract record ObserveOutcome
{
    private ObserveOutcome() { }

    /// <summary>Not finished yet.</summary>
    /// <param name="Started">Whether the model runs; false while the backend only queues it.</param>
    public sealed record Running(bool Started) : ObserveOutcome;

    /// <summary>Finished, with at least one output.</summary>
    /// <param name="Outputs">http(s) or data URLs, in order.</param>
    /// <param name="PredictTime">How long the model ran by the backend's clock; null when it does not say.</param>
    /// <param name="Cost">In US dollars; null when the backend does not say.</param>
    /// <param name="Logs">The model's log, truncated; null when there is none.</param>
    public sealed record Succeeded(IReadOnlyList<Uri> Outputs, TimeSpan? PredictTime, decimal? Cost, string? Logs)
        : ObserveOutcome;

    /// <summary>Finished without a result.</summary>
    public sealed record Failed(PredictionFailure Failure, TimeSpan? PredictTime, decimal? Cost) : ObserveOutcome;

    /// <summary>Stopped on request.</summary>
    public sealed record Canceled : ObserveOutcome;

    /// <summary>The backend does not know the id (any more).</summary>
    public sealed record Missing : ObserveOutcome;

    /// <summary>A limit of the backend was hit: read again later.</summary>
    /// <param name="RetryAfter">How long to wait; null when the backend did not say.</param>
    public sealed record Throttled(TimeSpan? RetryAfter) : ObserveOutcome;

    /// <summary>No usable answer now: read again later.</summary>
    public sealed record Unavailable(PredictionFailure Failure) : ObserveOutcome;
}
