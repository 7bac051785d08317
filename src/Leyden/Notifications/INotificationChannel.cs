using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Notifications;

/// <summary>A way to tell somebody of an event. What an answer means is decided here, once.</summary>
public interface INotificationChannel
{
    /// <summary>The kind of targets that it reaches.</summary>
    ChannelKind Kind { get; }

    /// <summary>Makes one attempt. Receivers can tell a repeat by <see cref="Notification.MessageId"/>.</summary>
    /// <remarks>Faults of the way and of the receiver are answers; only faults of this program are thrown.</remarks>
    Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken);
}

/// <summary>Writes a prediction as the API shows it to its owner, with links that begin to be valid now.</summary>
public interface IPredictionWriter
{
    /// <summary>Writes it.</summary>
    Task<JsonObject> WriteAsync(Prediction prediction, CancellationToken cancellationToken);
}

/// <summary>One event for one target.</summary>
/// <param name="Prediction">The prediction as it was when it happened.</param>
/// <param name="Event">What happened.</param>
/// <param name="MessageId">Its constant id.</param>
/// <param name="At">When it happened.</param>
/// <param name="Target">Who is told.</param>
public sealed record Notification(
    Prediction Prediction,
    PredictionEvent Event,
    string MessageId,
    DateTimeOffset At,
    DeliveryTarget Target
);

/// <summary>What came of one attempt.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Status">The HTTP status; null when there was no answer.</param>
/// <param name="Fault">What is wrong, for the owner to read; null when nothing is.</param>
/// <param name="Excerpt">The beginning of the answer's body.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone.</param>
public sealed record ChannelAnswer(
    AnswerKind Kind,
    int? Status = null,
    string? Fault = null,
    string? Excerpt = null,
    TimeSpan? RetryAfter = null
);

/// <summary>What an answer means.</summary>
public enum AnswerKind
{
    /// <summary>The receiver has it.</summary>
    Accepted,

    /// <summary>It was not taken, or nobody answered: try again later.</summary>
    Failed,

    /// <summary>The receiver has too much to do: try again later than usual.</summary>
    Throttled,

    /// <summary>The receiver wants nothing more, ever.</summary>
    Gone,
}
