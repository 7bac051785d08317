using System.Security.Cryptography;
using System.Text;
using Leyden.Storage;

namespace Leyden.Predictions;

/// <summary>
/// Where predictions are in the object store. Records are filed by owner, by hour and by age, newest first, so that an
/// ordinal listing is the caller's list and old hours can be swept without reading young ones.
/// </summary>
public static class PredictionKeys
{
    /// <summary>The folder with a folder for each owner.</summary>
    public const string Records = "predictions/";

    /// <summary>The folder with an empty object for each prediction that has not ended: what healing looks through.</summary>
    public const string Open = "open/";

    /// <summary>The record of a prediction.</summary>
    public static ObjectKey Record(Owner owner, PredictionId id) =>
        new($"{RecordsOf(owner)}{id.HourNewestFirst}/{id.NewestFirst}-{id}.json");

    /// <summary>The folder of an owner's records.</summary>
    public static string RecordsOf(Owner owner) => $"{Records}{owner}/";

    /// <summary>The marker of a prediction that has not ended.</summary>
    public static ObjectKey OpenMarker(Owner owner, PredictionId id) => new($"{Open}{owner}/{id}.json");

    /// <summary>The folder of a prediction's pictures.</summary>
    public static string OutputsOf(Owner owner, PredictionId id) => $"outputs/{owner}/{id.HourNewestFirst}/{id}/";

    /// <summary>The picture with a number, from 0. One of another format has the extension of that.</summary>
    public static ObjectKey Output(Owner owner, PredictionId id, int index) =>
        new($"{OutputsOf(owner, id)}{index}.png");

    /// <summary>What an owner's Idempotency-Key locks. The key itself is not kept.</summary>
    public static ObjectKey IdempotencyLock(Owner owner, string idempotencyKey)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)));
        return new ObjectKey($"idempotency/{owner}/{hash[..2]}/{hash}.json");
    }

    /// <summary>The prediction that a record or marker is of.</summary>
    /// <returns>Whether the key is one of those.</returns>
    public static bool TryReadId(ObjectKey key, out PredictionId id)
    {
        var name = Path.GetFileNameWithoutExtension(key.Value);
        return PredictionId.TryParse(name[(name.LastIndexOf('-') + 1)..], out id);
    }
}
