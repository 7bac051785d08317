using System.Text.Json;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>Event types by name, so that the numbers of Core's enumeration are not part of the file format.</summary>
internal static class EventTypeNames
{
    private static readonly JsonEncodedText[] Names =
    [
        .. Enum.GetValues<EventType>().Order().Select(type => JsonEncodedText.Encode(type.ToString())),
    ];

    public static JsonEncodedText Of(EventType type) => Names[(int)type];

    /// <exception cref="JsonException">No such event type.</exception>
    public static EventType Parse(ref Utf8JsonReader reader)
    {
        foreach (var (index, name) in Names.Index())
        {
            if (reader.ValueTextEquals(name.EncodedUtf8Bytes))
            {
                return (EventType)index;
            }
        }

        throw new JsonException($"Unknown event type '{reader.GetString()}'.");
    }
}
