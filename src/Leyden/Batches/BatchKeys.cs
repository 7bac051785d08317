using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Batches;

/// <summary>
/// Where batches are in the object store. Records are filed as those of predictions are; what belongs to them is in folders of its
/// own, so that a listing of the records reads nothing else.
/// </summary>
public static class BatchKeys
{
    /// <summary>The folder with a folder of records for each owner.</summary>
    public const string Records = "batches/";

    /// <summary>The folder with a marker for each batch that has not ended.</summary>
    public const string Open = "open-batches/";

    /// <summary>The folder with the items and results of batches.</summary>
    public const string Parts = "batch-parts/";

    /// <summary>The record of a batch.</summary>
    public static ObjectKey Record(Owner owner, BatchId id) =>
        new($"{RecordsOf(owner)}{id.HourNewestFirst}/{id.NewestFirst}-{id}.json");

    /// <summary>The folder of an owner's records.</summary>
    public static string RecordsOf(Owner owner) => $"{Records}{owner}/";

    /// <summary>The marker of a batch that has not ended.</summary>
    public static ObjectKey OpenMarker(Owner owner, BatchId id) => new($"{Open}{owner}/{id}.json");

    /// <summary>The folder with all parts that were stored under an id.</summary>
    public static string PartsOf(Owner owner, BatchId parts) => $"{Parts}{owner}/{parts.HourNewestFirst}/{parts}/";

    /// <summary>The items of a chunk, one <see cref="PredictionDraft"/> a line.</summary>
    public static ObjectKey Items(Owner owner, BatchId parts, int chunk) => Part(owner, parts, "items", chunk, "jsonl");

    /// <summary>When a chunk was accepted, and whether all its predictions were recorded.</summary>
    public static ObjectKey Acceptance(Batch batch, int chunk) =>
        Part(batch.Owner, batch.Parts, "accepted", chunk, "json");

    /// <summary>The results of a chunk, one <see cref="BatchResult"/> a line.</summary>
    public static ObjectKey Results(Batch batch, int chunk) =>
        Part(batch.Owner, batch.Parts, "results", chunk, "jsonl");

    /// <summary>What an owner's Idempotency-Key for batches locks. The key itself is not kept.</summary>
    public static ObjectKey IdempotencyLock(Owner owner, string idempotencyKey)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)));
        return new ObjectKey($"idempotency/{owner}/batches/{hash}.json");
    }

    /// <summary>The batch that a record or marker is of.</summary>
    /// <returns>Whether the key is one of those.</returns>
    public static bool TryReadId(ObjectKey key, out BatchId id)
    {
        var name = Path.GetFileNameWithoutExtension(key.Value);
        return BatchId.TryParse(name[(name.LastIndexOf('-') + 1)..], out id);
    }

    private static ObjectKey Part(Owner owner, BatchId parts, string kind, int chunk, string extension) =>
        new($"{PartsOf(owner, parts)}{kind}/{chunk.ToString("d5", CultureInfo.InvariantCulture)}.{extension}");
}
