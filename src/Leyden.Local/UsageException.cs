using Leyden.Predictions;

namespace Leyden.Local;

/// <summary>The command line has faults: all of them, in its own terms. Nothing was done.</summary>
internal sealed class UsageException(IReadOnlyList<InputError> errors)
    : Exception(string.Join(" ", errors.Select(e => e.Message)))
{
    /// <summary>The faults.</summary>
    public IReadOnlyList<InputError> Errors { get; } = errors;
}
