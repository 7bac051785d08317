using Leyden.Predictions;

namespace Leyden.Batches;

/// <summary>One item of a batch as it was read, before it is judged.</summary>
/// <param name="Place">Where it is, in the caller's terms: <c>line 7</c>, <c>prompts[6]</c>. Empty for the whole.</param>
/// <param name="Request">What is asked for; null when that can not be told.</param>
/// <param name="Errors">The faults found while reading.</param>
public sealed record BatchLine(string Place, PredictionRequest? Request, IReadOnlyList<InputError> Errors)
{
    /// <summary>A line that can not be read.</summary>
    public static BatchLine Unreadable(string place, string field, string message) =>
        new(place, null, [new InputError(field, message)]);
}
