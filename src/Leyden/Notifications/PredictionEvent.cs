using System.Diagnostics.CodeAnalysis;
using Leyden.Predictions;

namespace Leyden.Notifications;

/// <summary>What happens to a prediction that others can be told of.</summary>
public enum PredictionEvent
{
    /// <summary>The backend accepted it.</summary>
    Started,

    /// <summary>It ended with pictures.</summary>
    Succeeded,

    /// <summary>It ended without a result.</summary>
    Failed,

    /// <summary>It was stopped on request.</summary>
    Canceled,
}

/// <summary>The words for events, and what a prediction looked like when one happened.</summary>
public static class PredictionEventWords
{
    /// <summary>All of them, in the order in which they can happen.</summary>
    public static IReadOnlyList<PredictionEvent> All { get; } = Enum.GetValues<PredictionEvent>();

    /// <summary>The three ends, of which each prediction has one: what <c>completed</c> stands for in a caller's filter.</summary>
    public static IReadOnlyList<PredictionEvent> Ends { get; } =
    [PredictionEvent.Succeeded, PredictionEvent.Failed, PredictionEvent.Canceled];

    /// <summary>The event's name inside longer names: <c>prediction.NAME</c>, <c>leyden.prediction.NAME</c>.</summary>
    public static string Word(this PredictionEvent happened) =>
        happened switch
        {
            PredictionEvent.Started => "started",
            PredictionEvent.Succeeded => "succeeded",
            PredictionEvent.Failed => "failed",
            PredictionEvent.Canceled => "canceled",
            _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, null),
        };

    /// <summary>The end that a prediction has come to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has not ended.</exception>
    public static PredictionEvent EndOf(Prediction prediction) =>
        prediction.Status switch
        {
            PredictionStatus.Succeeded => PredictionEvent.Succeeded,
            PredictionStatus.Failed => PredictionEvent.Failed,
            PredictionStatus.Canceled => PredictionEvent.Canceled,
            _ => throw new ArgumentOutOfRangeException(nameof(prediction), prediction.Status, "It has not ended."),
        };

    /// <summary>Reads a word of a filter: an event's name, or <c>start</c> or <c>completed</c> as Replicate and Cog have them.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string word, [NotNullWhen(true)] out IReadOnlyList<PredictionEvent>? events)
    {
        events = word switch
        {
            "start" => [PredictionEvent.Started],
            "completed" => Ends,
            _ => [.. All.Where(e => e.Word() == word)],
        };
        return events.Count > 0;
    }

    /// <summary>
    /// The constant id of an event, by which receivers tell repeats: the same for all receivers, made from nothing but the event, so that
    /// no crash can give an event a second one.
    /// </summary>
    public static string MessageId(PredictionId prediction, PredictionEvent happened) =>
        $"msg_{prediction}_{happened.Word()}";

    /// <summary>When it happened.</summary>
    public static DateTimeOffset MomentIn(Prediction prediction, PredictionEvent happened) =>
        (happened == PredictionEvent.Started ? prediction.StartedAt : prediction.CompletedAt) ?? prediction.CreatedAt;

    /// <summary>
    /// The prediction as it was when the event happened, whatever has become of it since: a start that is told late, or again, tells
    /// no end.
    /// </summary>
    public static Prediction AsOf(this Prediction prediction, PredictionEvent happened) =>
        happened != PredictionEvent.Started
            ? prediction
            : prediction with
            {
                Status = PredictionStatus.Processing,
                CompletedAt = null,
                CancelRequestedAt = null,
                Storing = false,
                Outputs = [],
                Failure = null,
                Notes = [],
                PredictTime = null,
                Cost = null,
                Logs = null,
            };
}
