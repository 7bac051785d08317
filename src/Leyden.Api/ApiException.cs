using Leyden.Predictions;

namespace Leyden.Api;

/// <summary>A request that can not be served, for a reason that the caller may read. Each dialect writes it in its own form.</summary>
/// <param name="status">The HTTP status, 400…599.</param>
/// <param name="message">One sentence: what is wrong, and what to do.</param>
/// <param name="errors">The faults of single fields; may be empty.</param>
public sealed class ApiException(int status, string message, IReadOnlyList<InputError>? errors = null)
    : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The faults of single fields.</summary>
    public IReadOnlyList<InputError> Errors { get; } = errors ?? [];
}
