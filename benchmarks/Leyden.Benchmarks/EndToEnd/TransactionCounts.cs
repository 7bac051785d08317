using System.Collections.Concurrent;
using Leyden.TestSupport;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>Counts storage transactions by what they are for.</summary>
/// <param name="taskHub">The name of the task hub.</param>
/// <param name="container">The container of records and pictures.</param>
internal sealed class TransactionCounts(string taskHub, string container)
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>The counts by what they are for.</summary>
    public IReadOnlyDictionary<string, long> Now => _counts.ToDictionary();

    /// <summary>How many predictions have ended: the last thing that one does is to delete its marker.</summary>
    public long Ended => _counts.GetValueOrDefault("our blobs, `open/`: delete");

    /// <summary>Notes a transaction.</summary>
    public ValueTask AddAsync(StorageService service, ObservedRequest request)
    {
        // The first segment of the path is the account.
        var path = request.Path.TrimStart('/').Split('/', 3);
        var name = path.ElementAtOrDefault(1) ?? "";
        var purpose = service switch
        {
            StorageService.Queue => $"{Queue(name)}: {Message(request.Method)}",
            StorageService.Table => $"{Table(name)}: {(request.Method == "GET" ? "read" : "write")}",
            _ when name == container => $"our blobs, {Prefix(path.ElementAtOrDefault(2))}: {Blob(request)}",
            _ => "task hub, its own blobs",
        };
        _counts.AddOrUpdate(purpose, 1, (_, count) => count + 1);
        return ValueTask.CompletedTask;
    }

    private static string Queue(string name) =>
        name.EndsWith("-workitems", StringComparison.Ordinal) ? "work item queue"
        : name.Contains("-control-", StringComparison.Ordinal) ? "control queues"
        : "other queues";

    private static string Message(string method) =>
        method switch
        {
            "GET" => "take or find empty",
            "POST" => "put",
            "DELETE" => "delete",
            _ => "keep or give back",
        };

    private string Table(string name) =>
        name.StartsWith($"{taskHub}History", StringComparison.OrdinalIgnoreCase) ? "history table"
        : name.StartsWith($"{taskHub}Instances", StringComparison.OrdinalIgnoreCase) ? "instances table"
        : name.StartsWith($"{taskHub}Partitions", StringComparison.OrdinalIgnoreCase) ? "partitions table (leases)"
        : name == "$batch" ? "history table, batches"
        : "other tables";

    private static string Prefix(string? key) => string.IsNullOrEmpty(key) ? "(listing)" : $"`{key.Split('/')[0]}/`";

    private static string Blob(ObservedRequest request) =>
        request.Method switch
        {
            "GET" or "HEAD" => "read",
            "DELETE" => "delete",
            _ when (int)request.Status >= 400 => "write, refused",
            _ => "write",
        };
}
