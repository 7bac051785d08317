using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Benchmarks.Scale;

/// <summary>The books as the product keeps them.</summary>
internal sealed class LedgerBooks(BackendLedger ledger, IBackend backend) : IBooks
{
    public Task<LedgerAnswer> EnterAsync(Prediction prediction) =>
        ledger.EnterAsync(backend, prediction, CancellationToken.None);

    public Task<LedgerAnswer> RequestAsync(Prediction prediction) =>
        ledger.RequestAsync(backend, prediction, CancellationToken.None);

    public Task<IReadOnlyList<string>> LeaveAsync(Prediction prediction) =>
        ledger.LeaveAsync(backend, prediction, null, CancellationToken.None);
}
