using Leyden.Predictions;

namespace Leyden.Intake;

/// <summary>What became of a wish that came by a message or an event.</summary>
public abstract record IntakeOutcome
{
    private IntakeOutcome() { }

    /// <summary>A prediction or a batch is on its way, or has been for a while; or there was nothing to do.</summary>
    /// <param name="Id">Its id; null when there was nothing to do.</param>
    public sealed record Taken(string? Id) : IntakeOutcome;

    /// <summary>The wish is at fault: asking again would not help.</summary>
    /// <param name="Reason">What is wrong, in one text.</param>
    /// <param name="Errors">The faults of single fields; may be empty.</param>
    public sealed record Refused(string Reason, IReadOnlyList<InputError> Errors) : IntakeOutcome
    {
        internal static Refused Of(params IReadOnlyList<InputError> errors) =>
            new(string.Join(" ", errors.Select(e => e.Message)), errors);
    }
}
