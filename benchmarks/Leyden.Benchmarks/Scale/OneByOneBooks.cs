using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Benchmarks.Scale;

/// <summary>
/// The books as they were kept before docs/decisions/0019, to compare with: each change is a write of its own, also when it changes
/// nothing, and the changes of a process go one after the other.
/// </summary>
internal sealed class OneByOneBooks(CompareAndSwap compareAndSwap, ObjectKey key, BackendLimits limits)
    : IBooks,
        IDisposable
{
    private static readonly TimeSpan Distrust = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private Versioned<LedgerState>? _known;
    private DateTimeOffset? _lostAt;

    public async Task<LedgerAnswer> EnterAsync(Prediction prediction)
    {
        LedgerAnswer? answer = null;
        var until = prediction.Deadline + TimeSpan.FromMinutes(2);
        await ChangeAsync(state =>
        {
            (state, answer) = state.Enter(prediction.Id.Value, until, Now, limits);
            return state;
        });
        return answer!;
    }

    public async Task<LedgerAnswer> RequestAsync(Prediction prediction)
    {
        LedgerAnswer? answer = null;
        await ChangeAsync(state =>
        {
            (state, answer) = state.Request(prediction.Id.Value, Now, limits);
            return state;
        });
        return answer!;
    }

    public async Task<IReadOnlyList<string>> LeaveAsync(Prediction prediction) =>
        (await ChangeAsync(state => state.Leave(prediction.Id.Value, null, Now, limits))).Called;

    public void Dispose() => _oneAtATime.Dispose();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task<LedgerState> ChangeAsync(Func<LedgerState, LedgerState> change)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            var known = _lostAt + Distrust > Now ? null : _known;
            LedgerState? from = null;
            _known = await compareAndSwap.ChangeAsync<LedgerState>(
                key,
                state => change((from = state) ?? LedgerState.Empty),
                CancellationToken.None,
                known
            );
            _lostAt = known is not null && !ReferenceEquals(from, known.Value) ? Now : _lostAt;
            return _known!.Value;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
