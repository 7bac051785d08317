using System.Collections.Concurrent;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;

namespace Leyden.Backends;

/// <summary>
/// The books of each backend (<see cref="LedgerState"/>) as a document in the object store, changed by many at once
/// (<see cref="GroupedChanges{T}"/>).
/// </summary>
public sealed class BackendLedger(IObjectStore objects, LeydenMetrics metrics, TimeProvider time, Random random)
{
    private static readonly TimeSpan PlaceGrace = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, GroupedChanges<LedgerState>> _books = new(); // as many as there are backends

    /// <summary>Asks for a place at the backend and in it for the request that submits the prediction.</summary>
    public async Task<LedgerAnswer> EnterAsync(
        IBackend backend,
        Prediction prediction,
        CancellationToken cancellationToken
    )
    {
        var until = prediction.Deadline + PlaceGrace;
        var (books, answer) = await ChangeAsync(
            backend,
            state => state.Enter(prediction.Id.Value, until, time.GetUtcNow(), backend.Limits),
            cancellationToken
        );
        return Noted(backend, books, answer);
    }

    /// <summary>Asks for a request on behalf of a prediction that has a place.</summary>
    public async Task<LedgerAnswer> RequestAsync(
        IBackend backend,
        Prediction prediction,
        CancellationToken cancellationToken
    )
    {
        var (books, answer) = await ChangeAsync(
            backend,
            state => state.Request(prediction.Id.Value, time.GetUtcNow(), backend.Limits),
            cancellationToken
        );
        return Noted(backend, books, answer);
    }

    /// <summary>Gives up the prediction's place. Harmless when repeated.</summary>
    /// <returns>The predictions that are called to a free place and must be woken.</returns>
    public async Task<IReadOnlyList<string>> LeaveAsync(
        IBackend backend,
        Prediction prediction,
        RunSample? run,
        CancellationToken cancellationToken
    ) =>
        (
            await ChangeAsync(
                backend,
                state =>
                {
                    var now = time.GetUtcNow();
                    var after = state.Leave(prediction.Id.Value, run, now, backend.Limits);
                    return (after, after.ToWake(state, prediction.Id.Value, now));
                },
                cancellationToken
            )
        ).Result;

    /// <summary>Notes that the backend asked for silence.</summary>
    public Task SilenceAsync(IBackend backend, TimeSpan duration, CancellationToken cancellationToken) =>
        ChangeAsync(backend, state => (state.Silence(time.GetUtcNow() + duration), true), cancellationToken);

    /// <summary>The books as they are.</summary>
    public async Task<LedgerState> ReadAsync(string backend, CancellationToken cancellationToken) =>
        (await objects.GetJsonAsync<LedgerState>(Key(backend), cancellationToken))?.Value ?? LedgerState.Empty;

    /// <summary>The books as they are or were a few seconds ago: enough for what they have learned, not for who is next.</summary>
    public async Task<LedgerState> ReadRecentAsync(string backend, CancellationToken cancellationToken) =>
        BooksOf(backend).Recent ?? await ReadAsync(backend, cancellationToken);

    private static ObjectKey Key(string backend) => new($"backends/{backend}.json");

    private LedgerAnswer Noted(IBackend backend, LedgerState books, LedgerAnswer answer)
    {
        var now = time.GetUtcNow();
        metrics.LimitUsage(
            backend.Name,
            backend.Limits,
            books.Running.Count + books.Waiting.Count,
            books.Requests.Where(r => r.Time > now - LedgerState.Window).Sum(r => r.Number)
        );
        if (answer is LedgerAnswer.Wait wait)
        {
            metrics.QuotaWait(backend.Name, wait.Until - now);
        }

        return answer;
    }

    private Task<(LedgerState Books, TResult Result)> ChangeAsync<TResult>(
        IBackend backend,
        Func<LedgerState, (LedgerState State, TResult Result)> change,
        CancellationToken cancellationToken
    ) =>
        BooksOf(backend.Name)
            .ChangeAsync(
                state =>
                {
                    var (changed, result) = change(state);
                    return (changed, (changed, result));
                },
                cancellationToken
            );

    private GroupedChanges<LedgerState> BooksOf(string backend) =>
        _books.GetOrAdd(backend, name => new(objects, Key(name), LedgerState.Empty, time, random));
}
