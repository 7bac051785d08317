using System.Diagnostics;

namespace Leyden.Telemetry;

/// <summary>
/// A place in a trace in W3C form, small enough to be kept: a prediction carries the one of its acceptance, so that steps that run
/// much later, after a restart or on another engine, join the same trace.
/// </summary>
/// <param name="Parent">The <c>traceparent</c>.</param>
/// <param name="State">The <c>tracestate</c>; null when there is none or it is too long to keep.</param>
public sealed record TraceReference(string Parent, string? State = null)
{
    /// <summary>The longest <c>tracestate</c> that is kept, in characters. It enters every history event.</summary>
    public const int MaxStateLength = 256;

    /// <summary>The place of a span; null without one.</summary>
    public static TraceReference? Of(Activity? activity) =>
        activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id }
            ? new TraceReference(id, activity.TraceStateString is { Length: > 0 and <= MaxStateLength } s ? s : null)
            : null;

    /// <summary>The same as a parent for new spans; the default when the text is no <c>traceparent</c>.</summary>
    internal ActivityContext ToContext() =>
        ActivityContext.TryParse(Parent, State, isRemote: true, out var context) ? context : default;
}
