using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Notifications;

/// <summary>Where notifications are in the object store.</summary>
public static class DeliveryKeys
{
    /// <summary>The folder with an object for each configured endpoint that is out of service.</summary>
    public const string Endpoints = "endpoints/";

    /// <summary>The folder of everything that notifications of a prediction keep.</summary>
    public static string Of(Owner owner, PredictionId id) => $"deliveries/{owner}/{id.HourNewestFirst}/{id}/";

    /// <summary>The log of deliveries of a prediction to one target.</summary>
    public static ObjectKey Log(Owner owner, PredictionId id, string target) => new($"{Of(owner, id)}to-{target}.json");

    /// <summary>The target that a key is the log of; null when it is no log.</summary>
    public static string? TargetOf(ObjectKey log)
    {
        var name = Path.GetFileNameWithoutExtension(log.Value);
        return name.StartsWith("to-", StringComparison.Ordinal) ? name[3..] : null;
    }

    /// <summary>The secret that a creator gave for its webhook.</summary>
    public static ObjectKey Secret(Owner owner, PredictionId id) => new($"{Of(owner, id)}secret.json");

    /// <summary>The mark of a configured endpoint that is out of service.</summary>
    public static ObjectKey Endpoint(string name) => new($"{Endpoints}{name}.json");

    /// <summary>The folder of an owner's parked deliveries.</summary>
    public static string ParkedOf(Owner owner) => $"parked/{owner}/";

    /// <summary>The mark of a delivery that is parked.</summary>
    public static ObjectKey Parked(Owner owner, PredictionId id, string target) =>
        new($"{ParkedOf(owner)}{target}/{id.NewestFirst}-{id}.json");

    /// <summary>The prediction and target that a mark is of; null when the key is none.</summary>
    public static (PredictionId Id, string Target)? ReadParked(ObjectKey mark) =>
        mark.Value.Split('/') is [_, _, var target, _] && PredictionKeys.TryReadId(mark, out var id)
            ? (id, target)
            : null;
}
