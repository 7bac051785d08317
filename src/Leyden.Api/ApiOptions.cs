using System.ComponentModel.DataAnnotations;

namespace Leyden.Api;

/// <summary>How the API presents itself. Configuration section <c>Leyden</c>.</summary>
public sealed class ApiOptions : IValidatableObject
{
    /// <summary>
    /// The longest that a request waits for a prediction to end. Default: 3 minutes. At most 220 seconds: Azure cuts a request at 230.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxWait < TimeSpan.FromSeconds(1) || MaxWait > TimeSpan.FromSeconds(220))
        {
            yield return new ValidationResult($"Leyden:MaxWait is {MaxWait}; it must be from 1 to 220 seconds.");
        }
    }
}
