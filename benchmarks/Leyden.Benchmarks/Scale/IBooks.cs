using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Benchmarks.Scale;

/// <summary>One process of a deployment at the books of a backend.</summary>
internal interface IBooks
{
    Task<LedgerAnswer> EnterAsync(Prediction prediction);

    Task<LedgerAnswer> RequestAsync(Prediction prediction);

    Task<IReadOnlyList<string>> LeaveAsync(Prediction prediction);
}
