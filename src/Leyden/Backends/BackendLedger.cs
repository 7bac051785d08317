using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;

namespace Leyden.Backends;

/// <summary>The books of each backend (<see cref="LedgerState"/>) as a document in the object store.</summary>
public sealed class BackendLedger(
    IObjectStore objects,
    CompareAndSwap compareAndSwap,
    LeydenMetrics metrics,
    TimeProvider time
) : IDisposable
{
    private static readonly TimeSpan PlaceGrace = TimeSpan.FromMinutes(2);

    // Writers of one process queue up here instead of losing races against each other at the object store.
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly RecentBooks _recent = new(time);

    /// <summary>Asks for a place at the backend and in it for the request that submits the prediction.</summary>
    public async Task<LedgerAnswer> EnterAsync(
        IBackend backend,
        Prediction prediction,
        CancellationToken cancellationToken
    )
    {
        LedgerAnswer? answer = null;
        var books = await ChangeAsync(
            backend,
            state =>
            {
                var until = prediction.Deadline + PlaceGrace;
                (state, answer) = state.Enter(prediction.Id.Value, until, time.GetUtcNow(), backend.Limits);
                return state;
            },
            cancellationToken
        );
        return Noted(backend, books, answer!);
    }

    /// <summary>Asks for a request on behalf of a prediction that has a place.</summary>
    public async Task<LedgerAnswer> RequestAsync(
        IBackend backend,
        Prediction prediction,
        CancellationToken cancellationToken
    )
    {
        LedgerAnswer? answer = null;
        var books = await ChangeAsync(
            backend,
            state =>
            {
                (state, answer) = state.Request(prediction.Id.Value, time.GetUtcNow(), backend.Limits);
                return state;
            },
            cancellationToken
        );
        return Noted(backend, books, answer!);
    }

    /// <summary>Gives up the prediction's place. Harmless when repeated.</summary>
    /// <returns>The predictions that were called to a free place and have not come yet: wake them.</returns>
    public async Task<IReadOnlyList<string>> LeaveAsync(
        IBackend backend,
        Prediction prediction,
        RunSample? run,
        CancellationToken cancellationToken
    ) =>
        (
            await ChangeAsync(
                backend,
                state => state.Leave(prediction.Id.Value, run, time.GetUtcNow(), backend.Limits),
                cancellationToken
            )
        ).Called;

    /// <summary>Notes that the backend asked for silence.</summary>
    public Task SilenceAsync(IBackend backend, TimeSpan duration, CancellationToken cancellationToken) =>
        ChangeAsync(backend, state => state.Silence(time.GetUtcNow() + duration), cancellationToken);

    /// <summary>The books as they are.</summary>
    public async Task<LedgerState> ReadAsync(string backend, CancellationToken cancellationToken) =>
        (await objects.GetJsonAsync<LedgerState>(Key(backend), cancellationToken))?.Value ?? LedgerState.Empty;

    /// <summary>The books as they are or were a few seconds ago: enough for what they have learned, not for who is next.</summary>
    public async Task<LedgerState> ReadRecentAsync(string backend, CancellationToken cancellationToken) =>
        _recent.Find(backend)?.Value ?? await ReadAsync(backend, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private static ObjectKey Key(string backend) => new($"backends/{backend}.json");

    private LedgerAnswer Noted(IBackend backend, LedgerState books, LedgerAnswer answer)
    {
        var now = time.GetUtcNow();
        metrics.LimitUsage(
            backend.Name,
            backend.Limits,
            books.Running.Count + books.Waiting.Count,
            books.Requests.Count(r => r.Time > now - LedgerState.Window)
        );
        if (answer is LedgerAnswer.Wait wait)
        {
            metrics.QuotaWait(backend.Name, wait.Until - now);
        }

        return answer;
    }

    private async Task<LedgerState> ChangeAsync(
        IBackend backend,
        Func<LedgerState, LedgerState> change,
        CancellationToken cancellationToken
    )
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var known = _recent.Find(backend.Name);
            LedgerState? from = null;
            var changed = await compareAndSwap.ChangeAsync<LedgerState>(
                Key(backend.Name),
                state => change((from = state) ?? LedgerState.Empty),
                cancellationToken,
                known
            );
            _recent.Keep(backend.Name, changed!, wasStale: known is not null && !ReferenceEquals(from, known.Value));
            return changed!.Value;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
