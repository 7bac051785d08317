using System.Diagnostics;
using Leyden.Predictions;
using Microsoft.Extensions.Logging;

namespace Leyden.Telemetry;

/// <summary>
/// The spans of predictions. Engines differ in what of a trace they carry from one step to the next, so each prediction carries its
/// own <see cref="TraceReference"/>, and every span of it joins that trace wherever it runs.
/// </summary>
public static class PredictionTracing
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "Leyden";

    internal static readonly ActivitySource Source = new(
        SourceName,
        typeof(PredictionTracing).Assembly.GetName().Version?.ToString(3)
    );

    /// <summary>Starts a span on behalf of a prediction.</summary>
    /// <param name="name">A constant name, such as <c>prediction.submit</c>.</param>
    /// <param name="id">The prediction.</param>
    /// <param name="trace">What the prediction carries; null to go on with the current span whatever its trace.</param>
    /// <returns>The span; null when nobody records it.</returns>
    /// <remarks>
    /// The current span is the parent when it is of the prediction's trace: then an engine or a caller stands between. Otherwise the
    /// parent is what the prediction carries, and the current span (another caller's, or the host's own) is linked.
    /// </remarks>
    public static Activity? Start(string name, PredictionId id, TraceReference? trace)
    {
        var current = Activity.Current is { IsStopped: false } running ? running : null;
        var carried = trace?.ToContext() ?? default;
        var isInTrace = carried == default || current?.TraceId == carried.TraceId;
        var parent = isInTrace ? current?.Context ?? default : carried;
        ActivityLink[] links = isInTrace || current is null ? [] : [new ActivityLink(current.Context)];
        if (parent == default)
        {
            Activity.Current = null; // one that has stopped would become the parent
        }

        return Source.StartActivity(
            ActivityKind.Internal,
            parent,
            [new(TelemetryTags.PredictionId, id.Value)],
            links,
            name: name
        );
    }

    /// <summary>Runs one step of a prediction in a span, with the prediction's id in the scope of its logs.</summary>
    /// <param name="name">A constant name, such as <c>prediction.submit</c>.</param>
    /// <param name="id">The prediction.</param>
    /// <param name="trace">What the prediction carries.</param>
    /// <param name="logger">Any logger: the scope holds for all.</param>
    /// <param name="run">The step; it may tag the span, which is null when nobody records it.</param>
    public static async Task<T> RunAsync<T>(
        string name,
        PredictionId id,
        TraceReference? trace,
        ILogger logger,
        Func<Activity?, Task<T>> run
    )
    {
        using var scope = PredictionScope.Begin(logger, id);
        using var span = Start(name, id, trace);
        try
        {
            return await run(span);
        }
        catch (Exception e)
        {
            span.Fail(e.GetType().Name); // by its type: messages may repeat what nobody else may read
            throw;
        }
    }

    /// <summary>Tells in the current span of a prediction how it ended.</summary>
    internal static void NoteEnd(Prediction ended)
    {
        if (Activity.Current is not { } span || span.Source != Source)
        {
            return;
        }

        // Each prediction's own times: percentiles can not be had of metrics whose exporter sends sums.
        span.SetTag(TelemetryTags.Status, LeydenMetrics.StatusOf(ended))
            .SetTag(TelemetryTags.Backend, ended.Backend)
            .SetTag(TelemetryTags.Duration, (ended.CompletedAt - ended.CreatedAt)?.TotalSeconds)
            .SetTag(TelemetryTags.QueueDuration, (ended.StartedAt - ended.CreatedAt)?.TotalSeconds)
            .SetTag(TelemetryTags.RunDuration, ended.PredictTime?.TotalSeconds);
        if (ended.Failure is { } failure)
        {
            span.Fail(failure.Code);
        }
    }

    /// <summary>Marks a span as that of a fault.</summary>
    /// <param name="span">The span; null when nobody records it.</param>
    /// <param name="kind">A failure code or the type of an exception.</param>
    public static void Fail(this Activity? span, string kind) =>
        span?.SetTag(TelemetryTags.ErrorType, kind).SetStatus(ActivityStatusCode.Error);
}
