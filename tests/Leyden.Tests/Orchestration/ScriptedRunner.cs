using System.Collections.Concurrent;
using Leyden.Backends;

namespace Leyden.Tests.Orchestration;

/// <summary>A synchronous backend in memory that answers as a test tells it, and remembers what it was asked.</summary>
internal sealed class ScriptedRunner : ISynchronousBackend
{
    private static readonly byte[] Picture = Convert.FromBase64String(
        ScriptedBackend.Picture.OriginalString.Split(',')[1]
    );

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _underWay = new();

    public string Name { get; init; } = "runner";

    public BackendLimits Limits { get; set; } = new(null, 2, TimeSpan.FromMinutes(1), ResubmitUnknown: true);

    public int MaxAttempts { get; set; } = 3;

    public bool Sleeps { get; set; }

    public bool StandsIn { get; set; }

    public decimal? PricePerSecond { get; set; }

    /// <summary>Answers to questions for readiness, first come first; afterwards <see cref="OtherwiseReady"/>.</summary>
    public ConcurrentQueue<Readiness> Readiness { get; } = new();

    public Readiness OtherwiseReady { get; set; } = Leyden.Backends.Readiness.Ready.Instance;

    /// <summary>Outcomes of runs, first come first; afterwards <see cref="Otherwise"/>.</summary>
    public ConcurrentQueue<RunOutcome> Runs { get; } = new();

    public RunOutcome Otherwise { get; set; } = Done;

    /// <summary>Called in each run, before its outcome.</summary>
    public Func<string, Task>? OnRun { get; set; }

    /// <summary>Whether runs go on until they are canceled.</summary>
    public bool Hangs { get; set; }

    /// <summary>Whether a cancel ends a run that hangs.</summary>
    public bool ObeysCancel { get; set; } = true;

    /// <summary>What a canceled run comes to.</summary>
    public RunOutcome AfterCancel { get; set; } = new RunOutcome.Canceled();

    /// <summary>How many pictures a success stores.</summary>
    public int Pictures { get; set; } = 1;

    public int Asked;

    public ConcurrentQueue<string> Begun { get; } = new();

    public ConcurrentQueue<BackendRequest> Requests { get; } = new();

    public ConcurrentQueue<string> Canceled { get; } = new();

    public int Peak;

    private int _now;

    public static RunOutcome.Succeeded Done { get; } = new(TimeSpan.FromSeconds(0.5), 0.001m, "done");

    public Task<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Asked);
        return Task.FromResult(Readiness.TryDequeue(out var told) ? told : OtherwiseReady);
    }

    public async Task<RunOutcome> RunAsync(
        string runId,
        BackendRequest request,
        IOutputSink outputs,
        IProgress<double> progress,
        CancellationToken cancellationToken
    )
    {
        Begun.Enqueue(runId);
        Requests.Enqueue(request);
        var running = Interlocked.Increment(ref _now);
        Peak = Math.Max(Peak, running);
        try
        {
            if (OnRun is not null)
            {
                await OnRun(runId);
            }

            if (Hangs)
            {
                progress.Report(0.5);
                await _underWay.GetOrAdd(runId, _ => new TaskCompletionSource()).Task;
                _underWay.TryRemove(runId, out _);
                return await StoreAsync(AfterCancel, outputs, cancellationToken);
            }

            return await StoreAsync(Runs.TryDequeue(out var told) ? told : Otherwise, outputs, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    public Task<RunStop> CancelAsync(string runId, CancellationToken cancellationToken)
    {
        Canceled.Enqueue(runId);
        if (!_underWay.TryGetValue(runId, out var run))
        {
            return Task.FromResult(RunStop.NotRunning);
        }

        if (ObeysCancel)
        {
            run.TrySetResult();
        }

        return Task.FromResult(RunStop.Stopping);
    }

    private async Task<RunOutcome> StoreAsync(RunOutcome outcome, IOutputSink outputs, CancellationToken stop)
    {
        for (var i = 0; outcome is RunOutcome.Succeeded && i < Pictures; i++)
        {
            await outputs.AddAsync(new MemoryStream(Picture), stop);
        }

        return outcome;
    }
}
