using System.Text;
using System.Text.Json;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>
/// Histories as <see cref="SqliteOrchestrationService.GetOrchestrationHistoryAsync"/> tells them: a JSON array of events,
/// to be looked at, kept and read back.
/// </summary>
public static class HistoryJson
{
    /// <summary>Reads the events back, in their order. Unknown fields are skipped.</summary>
    /// <exception cref="JsonException">This is no array of events of known types.</exception>
    public static IList<HistoryEvent> Parse(string json)
    {
        using var history = JsonDocument.Parse(json);
        if (history.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("A history is a JSON array of events.");
        }

        return
        [
            .. history
                .RootElement.EnumerateArray()
                .Select(e => HistorySerializer.DeserializeEvent(Encoding.UTF8.GetBytes(e.GetRawText()))),
        ];
    }
}
