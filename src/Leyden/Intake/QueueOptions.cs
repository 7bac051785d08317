using System.ComponentModel.DataAnnotations;

namespace Leyden.Intake;

/// <summary>How messages of the queue <see cref="Name"/> are taken in. Configuration section <c>Leyden:Queue</c>.</summary>
public sealed class QueueOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Queue";

    /// <summary>The queue that asks for predictions and batches.</summary>
    public const string Name = "leyden-predictions";

    /// <summary>Where messages go that can not be served, with the reason.</summary>
    public const string PoisonName = Name + "-poison";

    private const string DefaultOwner = "queue";

    /// <summary>Whose predictions are those of messages that name no owner. Default: <c>queue</c>.</summary>
    public string Owner { get; set; } = DefaultOwner;

    /// <summary>
    /// How often a message is delivered before it counts as poison. Default: 5, as the Functions host has it in <c>host.json</c>. 1 to 100.
    /// </summary>
    [Range(1, 100, ErrorMessage = Section + ":MaxDequeueCount must be from 1 to 100.")]
    public int MaxDequeueCount { get; set; } = 5;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Predictions.Owner.TryParse(Owner, out _))
        {
            yield return new ValidationResult(
                $"{Section}:Owner is {Owner}; it must be 1 to 32 letters, digits and hyphens, no hyphen first."
            );
        }
    }
}
