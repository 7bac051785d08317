using Leyden.Predictions;

namespace Leyden.Notifications;

/// <summary>What a courier (one orchestration of deliveries) is given: small, without address or secret.</summary>
/// <param name="Owner">Whose prediction.</param>
/// <param name="Id">Which.</param>
/// <param name="Target">The target's name.</param>
/// <param name="Courier">The courier's number.</param>
/// <param name="Faults">How often in a row its activity failed for as long as it is repeated.</param>
public sealed record DeliveryWork(Owner Owner, PredictionId Id, string Target, int Courier, int Faults = 0)
{
    /// <summary>The instance id of the orchestration: never used twice.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string InstanceId => $"{Id}-{Target}-{Courier}";
}

/// <summary>What a courier does next.</summary>
/// <param name="Until">When to go on; null when its work is done.</param>
public sealed record DeliveryPause(DateTimeOffset? Until)
{
    /// <summary>Nothing is left to do.</summary>
    public static DeliveryPause Done { get; } = new((DateTimeOffset?)null);
}
