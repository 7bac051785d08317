using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Leyden.Predictions;

/// <summary>The input of a prediction, accepted: valid as far as this program knows the model.</summary>
/// <param name="Json">
/// The canonical input: for a model that we know every field with its default filled in and numbers as numbers, else the
/// caller's own.
/// </param>
/// <param name="Workload">
/// A short word that is the same for predictions of about the same run time. Run times are learned by it.
/// </param>
public sealed record AcceptedInput(JsonObject Json, string Workload);

/// <summary>Reads the inputs of predictions: with full validation for the model that we know, passed on for all others.</summary>
public static partial class ModelInput
{
    /// <summary>The largest input of a model that we do not know, as UTF-8 JSON.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Whether a text has the form of a model's slug: <c>sdxl-lightning-4step</c>, <c>omni-zero</c>.</summary>
    public static bool IsSlug([NotNullWhen(true)] string? model) => model is not null && Slug().IsMatch(model);

    /// <summary>Reads and completes an input.</summary>
    /// <param name="model">The model's slug.</param>
    /// <param name="input">The caller's input. Not changed.</param>
    /// <param name="random">Draws the seed where the caller gave none.</param>
    /// <param name="accepted">The input, when it is valid.</param>
    /// <param name="errors">Every fault found; empty when the input is valid.</param>
    /// <returns>Whether the input is valid.</returns>
    public static bool TryAccept(
        string model,
        JsonObject input,
        Random random,
        [NotNullWhen(true)] out AcceptedInput? accepted,
        out IReadOnlyList<InputError> errors
    )
    {
        if (model == SdxlLightningInput.Model)
        {
            var valid = SdxlLightningInput.TryParse(input, random, out var typed, out errors);
            accepted = valid ? new AcceptedInput(typed!.ToJson(), typed.Workload) : null;
            return valid;
        }

        var bytes = Encoding.UTF8.GetByteCount(input.ToJsonString(LeydenJson.Options));
        errors =
            bytes <= MaxBytes ? [] : [new InputError("input", $"input has {bytes} bytes; it may have {MaxBytes}.")];
        accepted = errors.Count == 0 ? new AcceptedInput((JsonObject)input.DeepClone(), "any") : null;
        return accepted is not null;
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Slug();
}
