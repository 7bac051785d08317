using System.Text.Json.Nodes;
using Leyden.Notifications;

namespace Leyden.Predictions;

/// <summary>
/// A wish that was found valid: all that a prediction starts from except whose it is, its id and its moment. Complete, so that
/// accepting it later can not fail: the seed is drawn and the backend chosen.
/// </summary>
/// <param name="Model">The model's slug.</param>
/// <param name="Version">The model's version; null for the backend's default.</param>
/// <param name="Input">The accepted input (<see cref="AcceptedInput.Json"/>).</param>
/// <param name="Workload">The accepted input's workload.</param>
/// <param name="Backend">The name of the backend that runs it.</param>
/// <param name="Deadline">How long from its acceptance until it fails if it has not ended.</param>
/// <param name="Subscriptions">Who is told; null for nobody. A webhook's secret is not among it, but in the request only.</param>
/// <param name="IsRouted">Whether the backend is the program's choice, which may yet change.</param>
public sealed record PredictionDraft(
    string Model,
    string? Version,
    JsonObject Input,
    string Workload,
    string Backend,
    TimeSpan Deadline,
    IReadOnlyList<Subscription>? Subscriptions = null,
    bool IsRouted = false
)
{
    /// <summary>The record of the prediction at its acceptance.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="now">The moment of its acceptance.</param>
    public Prediction Accept(Owner owner, PredictionId id, DateTimeOffset now) =>
        new()
        {
            Id = id,
            Owner = owner,
            Model = Model,
            Version = Version,
            Input = Input,
            Workload = Workload,
            Backend = Backend,
            Status = PredictionStatus.Queued,
            CreatedAt = now,
            Deadline = now + Deadline,
            IsRouted = IsRouted,
            Subscriptions = Subscriptions ?? [],
        };
}
