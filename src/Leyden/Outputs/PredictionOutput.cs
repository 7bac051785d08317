using Leyden.Storage;

namespace Leyden.Outputs;

/// <summary>One picture of a prediction, in the object store.</summary>
/// <param name="Key">Where it is.</param>
/// <param name="ContentType">Its media type, found by looking at its first bytes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of its content, lower-case hex.</param>
/// <param name="Width">Pixels; null when the format does not tell.</param>
/// <param name="Height">Pixels; null when the format does not tell.</param>
public sealed record PredictionOutput(
    ObjectKey Key,
    string ContentType,
    long Length,
    string Sha256,
    int? Width,
    int? Height
);
