using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Leyden.Notifications;
using Leyden.Outputs;
using Leyden.Storage;
using Leyden.Telemetry;

namespace Leyden.Predictions;

/// <summary>
/// All that is known of one prediction: the truth that callers read and that every step of its orchestration starts from.
/// Immutable; <see cref="PredictionStore"/> replaces it by compare-and-swap along the legal transitions only.
/// </summary>
public sealed record Prediction
{
    /// <summary>Its name, and the instance id of its orchestration.</summary>
    public required PredictionId Id { get; init; }

    /// <summary>Whose it is. Nobody else sees it.</summary>
    public required Owner Owner { get; init; }

    /// <summary>The model's slug.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version as the caller asked for it.</summary>
    public string? Version { get; init; }

    /// <summary>The accepted input (<see cref="AcceptedInput.Json"/>).</summary>
    public required JsonObject Input { get; init; }

    /// <summary>Predictions of one workload run about equally long (<see cref="AcceptedInput.Workload"/>).</summary>
    public required string Workload { get; init; }

    /// <summary>The backend that runs it.</summary>
    public required string Backend { get; init; }

    /// <summary>Whether the choice of the backend was left to the program: until something is submitted it may change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsRouted { get; init; }

    /// <summary>Why this backend runs it, in words; null when the caller or the configuration named it, or there is no other.</summary>
    public string? BackendReason { get; init; }

    /// <summary>Where it stands.</summary>
    public required PredictionStatus Status { get; init; }

    /// <summary>When we accepted it.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends as failed if it has not ended before.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When the backend accepted it; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it reached its end; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the caller asked to cancel it; null when nobody did.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>The trace of the one billed request, or of the last attempt to run; null while none was begun.</summary>
    public Submission? Submission { get; init; }

    /// <summary>
    /// How often a run was begun at a backend that runs while we wait; those that certainly did not begin are taken off again. Stays 0
    /// elsewhere.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Attempts { get; init; }

    /// <summary>Whether the model is done and its pictures are on the way to the object store.</summary>
    public bool Storing { get; init; }

    /// <summary>The pictures, once it succeeded.</summary>
    public IReadOnlyList<PredictionOutput> Outputs { get; init; } = [];

    /// <summary>Why it failed.</summary>
    public PredictionFailure? Failure { get; init; }

    /// <summary>What the caller should know beside the status: fewer pictures than asked, a cancel that came too late.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How long the model ran by the backend's clock.</summary>
    public TimeSpan? PredictTime { get; init; }

    /// <summary>What the backend bills, in US dollars.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The model's log, truncated.</summary>
    public string? Logs { get; init; }

    /// <summary>The trace that its steps and deliveries join; null when nobody recorded its acceptance.</summary>
    public TraceReference? Trace { get; init; }

    /// <summary>The lock that the caller's Idempotency-Key stands for; null when none was sent.</summary>
    public ObjectKey? IdempotencyLock { get; init; }

    /// <summary>Who is told what happens to it, as its creator asked. Configured receivers are not among them.</summary>
    public IReadOnlyList<Subscription> Subscriptions { get; init; } = [];

    /// <summary>
    /// The entity tag of the stored record that this was read from or written as; null when it is not known. No part of the record:
    /// <see cref="PredictionStore"/> saves a read with it.
    /// </summary>
    [JsonIgnore]
    public string? ETag { get; init; }

    /// <summary>The same prediction with one more note.</summary>
    public Prediction WithNote(string note) => this with { Notes = [.. Notes, note] };
}

/// <summary>
/// The trace of a request that may be billed: written before it is sent, completed when it was answered. A trace without an
/// answer that nobody works on any more means that the request may or may not have been taken.
/// </summary>
/// <param name="MarkedAt">When the request was about to be sent.</param>
/// <param name="BackendId">The backend's id of the prediction; null while the answer is not known.</param>
/// <param name="CancelSentAt">When the backend was asked to stop; null when it was not.</param>
/// <param name="Reported">Whether the backend was asked to report the end.</param>
public sealed record Submission(
    DateTimeOffset MarkedAt,
    string? BackendId = null,
    DateTimeOffset? CancelSentAt = null,
    bool Reported = false
);
