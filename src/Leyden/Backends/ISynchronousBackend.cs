using Leyden.Outputs;
using Leyden.Predictions;

namespace Leyden.Backends;

/// <summary>
/// A backend that runs a prediction while its caller waits, and gives the pictures in its only answer: whoever misses it has to run
/// the prediction again. The id of a run is ours; the backend knows it as long as the run goes on.
/// </summary>
public interface ISynchronousBackend : IBackend
{
    /// <summary>How often a prediction is begun at most before it fails, 1 or more.</summary>
    int MaxAttempts { get; }

    /// <summary>Whether it sleeps while nobody uses it, costs nothing then, and takes minutes to wake.</summary>
    bool Sleeps => false;

    /// <summary>Asks whether it would run something now. Also what wakes a backend that sleeps.</summary>
    Task<Readiness> CheckReadinessAsync(CancellationToken cancellationToken);

    /// <summary>Runs a prediction. One attempt; returns when the run is over or its outcome can not come any more.</summary>
    /// <param name="runId">The run's id: repeated with every attempt, so that a run that still goes on is not begun twice.</param>
    /// <param name="request">What to run.</param>
    /// <param name="outputs">Takes the pictures, one after the other, as they arrive.</param>
    /// <param name="progress">Is told how much of the run is done, from 0 to 1, by backends that know.</param>
    /// <param name="cancellationToken">Gives the run up.</param>
    Task<RunOutcome> RunAsync(
        string runId,
        BackendRequest request,
        IOutputSink outputs,
        IProgress<double> progress,
        CancellationToken cancellationToken
    );

    /// <summary>Asks to stop a run, from any process. Best effort: the run's own outcome tells what came of it.</summary>
    Task<RunStop> CancelAsync(string runId, CancellationToken cancellationToken);
}

/// <summary>Takes the pictures of a run into the object store.</summary>
public interface IOutputSink
{
    /// <summary>How many were stored.</summary>
    int Count { get; }

    /// <summary>Stores the next picture. When it is not stored, the run has failed: read no further.</summary>
    /// <param name="content">The picture's bytes, read to their end; not disposed.</param>
    /// <param name="cancellationToken">Stops.</param>
    Task<FetchOutcome> AddAsync(Stream content, CancellationToken cancellationToken);
}

/// <summary>Whether a synchronous backend would run something now.</summary>
public abstract record Readiness
{
    private Readiness() { }

    /// <summary>It would.</summary>
    public sealed record Ready : Readiness
    {
        /// <summary>The one value.</summary>
        public static Ready Instance { get; } = new();
    }

    /// <summary>It is well, and all its slots are in use.</summary>
    public sealed record Busy : Readiness;

    /// <summary>It is on its way: a cold start takes minutes.</summary>
    /// <param name="Reason">What it is waiting for, for logs.</param>
    public sealed record Warming(string Reason) : Readiness;

    /// <summary>It can not run anything until somebody repairs it.</summary>
    public sealed record Broken(PredictionFailure Failure) : Readiness;

    /// <summary>There is nobody at its address (refused connection, unknown host).</summary>
    public sealed record Unreachable(PredictionFailure Failure) : Readiness;
}

/// <summary>What a backend says to the wish to stop a run.</summary>
public enum RunStop
{
    /// <summary>The run was under way, and stops.</summary>
    Stopping,

    /// <summary>It knows no such run: it has not begun, or is over.</summary>
    NotRunning,

    /// <summary>It gave no answer.</summary>
    Unknown,
}

/// <summary>What became of one attempt to run a prediction.</summary>
public abstract record RunOutcome
{
    private RunOutcome() { }

    /// <summary>It ran, and at least one picture is in the sink.</summary>
    /// <param name="PredictTime">How long the model ran by the backend's clock; null when it does not say.</param>
    /// <param name="Cost">In US dollars; null when nobody knows.</param>
    /// <param name="Logs">The model's log, truncated; null when there is none.</param>
    /// <param name="Note">What the caller should know of it; null for nothing.</param>
    public sealed record Succeeded(TimeSpan? PredictTime, decimal? Cost, string? Logs, string? Note = null)
        : RunOutcome;

    /// <summary>It ran, or was refused, without a result; a repeat would end the same way.</summary>
    public sealed record Failed(PredictionFailure Failure, TimeSpan? PredictTime, decimal? Cost) : RunOutcome;

    /// <summary>It was stopped on request.</summary>
    public sealed record Canceled : RunOutcome;

    /// <summary>Nothing was begun: all slots are in use.</summary>
    public sealed record Busy : RunOutcome;

    /// <summary>Nothing was begun: the backend is not ready (any more).</summary>
    public sealed record NotReady : RunOutcome;

    /// <summary>Nothing was begun: the run of an earlier attempt is still under way. Its result can not be had.</summary>
    public sealed record UnderWay : RunOutcome;

    /// <summary>Nothing was begun, nor will be until somebody repairs it: the backend does not let this deployment in.</summary>
    public sealed record Broken(PredictionFailure Failure) : RunOutcome;

    /// <summary>Nothing was begun: the request certainly did not reach the backend.</summary>
    public sealed record NotSent(PredictionFailure Failure) : RunOutcome;

    /// <summary>It may have run, in part or to its end, and its result is lost.</summary>
    public sealed record Interrupted(PredictionFailure Failure) : RunOutcome;
}
