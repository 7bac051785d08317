using System.ComponentModel.DataAnnotations;

namespace Leyden.Api.Streaming;

/// <summary>How long and how many event streams are. Configuration section <c>Leyden</c>.</summary>
public sealed class StreamOptions : IValidatableObject
{
    /// <summary>
    /// The longest that a stream of events stays open; its client then connects again and goes on where it was. Default: 190 seconds.
    /// 1 to 200 seconds: Azure cuts a request at 230.
    /// </summary>
    public TimeSpan MaxStream { get; set; } = TimeSpan.FromSeconds(190);

    /// <summary>How many streams one process serves at once. Default: 1,000. 1…100,000.</summary>
    [Range(1, 100_000, ErrorMessage = "Leyden:MaxStreams must be from 1 to 100000.")]
    public int MaxStreams { get; set; } = 1_000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxStream < TimeSpan.FromSeconds(1) || MaxStream > TimeSpan.FromSeconds(200))
        {
            yield return new ValidationResult($"Leyden:MaxStream is {MaxStream}; it must be from 1 to 200 seconds.");
        }
    }
}
