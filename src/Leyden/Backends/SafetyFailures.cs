using Leyden.Predictions;

namespace Leyden.Backends;

/// <summary>The failure of a run whose pictures were all dropped by the safety checker.</summary>
public static class SafetyFailures
{
    // What the model's container and Eachlabs' own pages call it.
    private static readonly string[] Words = ["nsfw", "safety checker", "safety_checker"];

    /// <summary>Whether a model's words of failure tell of the safety checker.</summary>
    public static bool AreToldBy(string? detail) =>
        Words.Any(word => detail?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>The failure.</summary>
    public static PredictionFailure Create(string? detail) =>
        new(
            FailureCodes.Nsfw,
            Retryable: false,
            "The safety checker dropped every picture. Try another seed or another prompt.",
            detail
        );
}
