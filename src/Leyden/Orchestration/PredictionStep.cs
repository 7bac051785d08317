using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Telemetry;

namespace Leyden.Orchestration;

/// <summary>What an orchestration of one prediction is given: small, without prompt, picture or secret.</summary>
/// <param name="Deadline">When the prediction ends as failed.</param>
/// <param name="Step">The step to begin with.</param>
public sealed record PredictionWork(DateTimeOffset Deadline, PredictionStep Step);

/// <summary>One step of a prediction, as an activity gets it.</summary>
/// <param name="Owner">Whose prediction.</param>
/// <param name="Id">Which.</param>
/// <param name="Kind">What to do.</param>
/// <param name="Faults">How often in a row this step has found the outside world at fault.</param>
/// <param name="Missing">How often in a row the backend did not know it.</param>
/// <param name="Looks">How often the backend was seen at work on it.</param>
/// <param name="LastLook">When the backend was last seen at work on it; null when it was not looked at.</param>
/// <param name="Reason">Why it must end; only with <see cref="StepKind.End"/>.</param>
/// <param name="EndLooks">How often the backend was asked whether it has stopped.</param>
/// <param name="Trace">The trace that it belongs to; null when nobody recorded its acceptance, and in steps from before there were traces.</param>
/// <param name="NotBefore">When to begin; null for at once. Set where the engine's timer was early, by <see cref="LongestRest"/> at most.</param>
/// <param name="Told">Whether a report of the backend, and not the schedule, led to this step.</param>
/// <param name="AwaitsReport">Whether looks are put off because the backend is expected to report.</param>
/// <param name="Running">Whether a step of <see cref="StepKind.Run"/> is still under way; only with <see cref="StepKind.End"/>.</param>
public sealed record PredictionStep(
    Owner Owner,
    PredictionId Id,
    StepKind Kind,
    int Faults = 0,
    int Missing = 0,
    int Looks = 0,
    DateTimeOffset? LastLook = null,
    EndReason Reason = EndReason.None,
    int EndLooks = 0,
    TraceReference? Trace = null,
    DateTimeOffset? NotBefore = null,
    bool Told = false,
    bool AwaitsReport = false,
    bool Running = false
)
{
    /// <summary>The longest that a step itself waits before it begins.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);
}

/// <summary>The kinds of steps.</summary>
public enum StepKind
{
    /// <summary>Give the prediction to its backend.</summary>
    Submit,

    /// <summary>Look how far the backend is; when it is done, store the pictures and end.</summary>
    Observe,

    /// <summary>End it for a reason of ours: stop the backend and say what came of it.</summary>
    End,

    /// <summary>Run it at a backend that runs while we wait, store the pictures and end.</summary>
    Run,
}

/// <summary>Why we end a prediction that its backend has not ended.</summary>
public enum EndReason
{
    /// <summary>No reason: it goes on.</summary>
    None,

    /// <summary>The caller asked.</summary>
    Cancel,

    /// <summary>The deadline passed.</summary>
    Deadline,

    /// <summary>A step failed for as long as it is repeated.</summary>
    Fault,
}

/// <summary>What a step found, as the orchestration gets it.</summary>
/// <param name="Next">The next step; null when the prediction has ended.</param>
/// <param name="At">Not before when; null for at once.</param>
/// <param name="Phase">A word for the orchestration's custom status.</param>
/// <param name="Wake">Orchestrations that wait for what this step set free.</param>
/// <param name="Couriers">Orchestrations to start that tell others of what happened; null for none.</param>
public sealed record StepResult(
    PredictionStep? Next,
    DateTimeOffset? At,
    string Phase,
    IReadOnlyList<string> Wake,
    IReadOnlyList<DeliveryWork>? Couriers = null
)
{
    /// <summary>The prediction has ended.</summary>
    public static StepResult Ended(IReadOnlyList<string> wake) => new(null, null, "ended", wake);

    /// <summary>The same with couriers to start.</summary>
    public StepResult With(IReadOnlyList<DeliveryWork> couriers) =>
        couriers.Count == 0 ? this : this with { Couriers = couriers };

    /// <summary>There is a next step.</summary>
    public static StepResult Later(PredictionStep next, DateTimeOffset at, string phase) => new(next, at, phase, []);
}

/// <summary>The events that a prediction's orchestration waits for.</summary>
public static class PredictionEvents
{
    /// <summary>The caller asked to cancel.</summary>
    public const string Cancel = "cancel";

    /// <summary>A place at the backend is free for it.</summary>
    public const string Place = "place";

    /// <summary>The backend has something to tell: look now.</summary>
    public const string Backend = "backend";
}
