using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DurableTask.Core;
using DurableTask.Core.History;
using Leyden.DurableTask.Sqlite.Hosting;

namespace Leyden.TestSupport;

/// <summary>
/// The history of one instance as it was when recorded: a golden file that later versions of its orchestrator must still
/// replay, because instances like it run while they are deployed.
/// </summary>
/// <param name="Source">Where it comes from, for messages: a file name or an instance id.</param>
/// <param name="Json">The events as <see cref="HistoryJson"/> has them, indented.</param>
public sealed record RecordedHistory(string Source, string Json)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Fields of the machine and the moment, which no orchestrator can see. Stack traces would bring paths of the
    /// machine into the repository.
    /// </summary>
    private static readonly HashSet<string> Dropped = ["StackTrace", "ParentTraceContext"];

    /// <summary>The events in their order, new objects each time: a replay marks them.</summary>
    public IList<HistoryEvent> ReadEvents() => HistoryJson.Parse(Json);

    /// <summary>Takes the history of an instance, ended or running, out of a SQLite engine.</summary>
    /// <exception cref="ArgumentException">There is no such instance.</exception>
    public static async Task<RecordedHistory> OfAsync(IOrchestrationServiceClient engine, string instanceId)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var events = JsonNode.Parse(await engine.GetOrchestrationHistoryAsync(instanceId, null))!.AsArray();
        if (events.Count == 0)
        {
            throw new ArgumentException($"There is no instance '{instanceId}'.", nameof(instanceId));
        }

        Drop(events);
        return new RecordedHistory(instanceId, events.ToJsonString(Readable));
    }

    /// <summary>Reads a file that <see cref="SaveAsync"/> wrote.</summary>
    public static async Task<RecordedHistory> LoadAsync(string path, CancellationToken cancellationToken) =>
        new(Path.GetFileName(path), await File.ReadAllTextAsync(path, cancellationToken));

    /// <summary>Writes the file to be checked in; an existing one is replaced.</summary>
    public async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, Json + "\n", cancellationToken);
    }

    private static void Drop(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                {
                    Drop(item);
                }

                break;
            case JsonObject fields:
                foreach (var name in fields.Select(field => field.Key).Where(Dropped.Contains).ToList())
                {
                    fields.Remove(name);
                }

                foreach (var (_, value) in fields)
                {
                    Drop(value);
                }

                break;
        }
    }
}
