using System.ComponentModel.DataAnnotations;

namespace Leyden.Predictions;

/// <summary>How long predictions may take and are kept. Configuration section <c>Leyden:Predictions</c>.</summary>
public sealed class PredictionOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Predictions";

    /// <summary>The shortest deadline that a caller may ask for.</summary>
    public static readonly TimeSpan ShortestDeadline = TimeSpan.FromSeconds(5);

    /// <summary>The deadline of predictions that do not ask for one, from acceptance. Default: 10 minutes.</summary>
    public TimeSpan DefaultDeadline { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest deadline that a caller may ask for. Default: 1 day. At least <see cref="DefaultDeadline"/>.</summary>
    public TimeSpan MaxDeadline { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long ended predictions and their pictures are kept. Default: 30 days. At least one hour.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long links to pictures are valid. Default: 1 day. 1 minute to 7 days.</summary>
    public TimeSpan OutputUrlLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DefaultDeadline < ShortestDeadline || DefaultDeadline > MaxDeadline)
        {
            yield return new ValidationResult(
                $"{Section}:DefaultDeadline is {DefaultDeadline}; it must be from {ShortestDeadline} to MaxDeadline ({MaxDeadline})."
            );
        }

        if (MaxDeadline > TimeSpan.FromDays(7))
        {
            yield return new ValidationResult($"{Section}:MaxDeadline is {MaxDeadline}; it may be 7 days at most.");
        }

        if (Retention < TimeSpan.FromHours(1))
        {
            yield return new ValidationResult($"{Section}:Retention is {Retention}; it must be one hour or more.");
        }

        if (OutputUrlLifetime < TimeSpan.FromMinutes(1) || OutputUrlLifetime > TimeSpan.FromDays(7))
        {
            yield return new ValidationResult(
                $"{Section}:OutputUrlLifetime is {OutputUrlLifetime}; it must be from 1 minute to 7 days."
            );
        }
    }
}
