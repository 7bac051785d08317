using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// History events and messages as UTF-8 JSON. The concrete type comes from the event type by a fixed table, never from a type name in the data,
/// so that a database cannot make this process load a type. Reading skips fields that it does not know.
/// </summary>
internal static class HistorySerializer
{
    private static readonly JsonWriterOptions Options = new()
    {
        // Stored in a file, never inlined in HTML: payloads that are JSON themselves stay readable and short.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static Buffers? _buffers;

    /// <summary>Whether an exception of the methods that read says that the data is at fault.</summary>
    public static bool IsUnreadable(Exception exception) =>
        exception is JsonException or InvalidOperationException or FormatException;

    public static byte[] Serialize(HistoryEvent historyEvent) =>
        Write(historyEvent, static (writer, e) => HistoryEventWriter.Write(writer, e));

    public static byte[] Serialize(TaskMessage message) =>
        Write(message, static (writer, m) => WriteMessage(writer, m));

    public static byte[] Serialize(FailureDetails failure) =>
        Write(failure, static (writer, f) => JsonValues.WriteFailure(writer, f));

    public static byte[] Serialize(ParentInstance parent) =>
        Write(parent, static (writer, p) => JsonValues.WriteParent(writer, p));

    public static byte[] Serialize(IDictionary<string, string> tags) =>
        Write(tags, static (writer, t) => JsonValues.WriteTags(writer, t));

    /// <exception cref="JsonException">The data is not an event.</exception>
    public static HistoryEvent DeserializeEvent(ReadOnlySpan<byte> json)
    {
        var reader = Start(json);
        return HistoryEventReader.Read(ref reader);
    }

    /// <exception cref="JsonException">The data is not a message.</exception>
    public static TaskMessage DeserializeMessage(ReadOnlySpan<byte> json)
    {
        var reader = Start(json);
        HistoryEvent? historyEvent = null;
        var message = new TaskMessage();
        while (JsonValues.NextProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "Event":
                    historyEvent = HistoryEventReader.Read(ref reader);
                    break;
                case "OrchestrationInstance":
                    message.OrchestrationInstance = JsonValues.ReadInstance(ref reader);
                    break;
                case "SequenceNumber":
                    message.SequenceNumber = reader.GetInt64();
                    break;
                case "OrchestrationTags":
                    message.OrchestrationExecutionContext = ExecutionContexts.Create(JsonValues.ReadTags(ref reader));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        message.Event = historyEvent ?? throw new JsonException("A message without an event.");
        return message;
    }

    public static FailureDetails DeserializeFailure(ReadOnlySpan<byte> json)
    {
        var reader = Start(json);
        return JsonValues.ReadFailure(ref reader);
    }

    public static ParentInstance DeserializeParent(ReadOnlySpan<byte> json)
    {
        var reader = Start(json);
        return JsonValues.ReadParent(ref reader);
    }

    public static Dictionary<string, string> DeserializeTags(ReadOnlySpan<byte> json)
    {
        var reader = Start(json);
        return JsonValues.ReadTags(ref reader);
    }

    private static void WriteMessage(Utf8JsonWriter writer, TaskMessage message)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("Event");
        HistoryEventWriter.Write(writer, message.Event);
        if (message.OrchestrationInstance is { } instance)
        {
            writer.WritePropertyName("OrchestrationInstance");
            JsonValues.WriteInstance(writer, instance);
        }

        if (message.SequenceNumber != 0)
        {
            writer.WriteNumber("SequenceNumber", message.SequenceNumber);
        }

        if (message.OrchestrationExecutionContext?.OrchestrationTags is { } tags)
        {
            writer.WritePropertyName("OrchestrationTags");
            JsonValues.WriteTags(writer, tags);
        }

        writer.WriteEndObject();
    }

    private static Utf8JsonReader Start(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader;
    }

    private static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffers = _buffers ??= new Buffers();
        buffers.Bytes.ResetWrittenCount();
        buffers.Writer.Reset();
        write(buffers.Writer, value);
        buffers.Writer.Flush();
        var json = buffers.Bytes.WrittenSpan.ToArray();
        if (buffers.Bytes.Capacity > 1024 * 1024)
        {
            // One large payload must not pin its buffer to the thread.
            _buffers = null;
        }

        return json;
    }

    private sealed class Buffers
    {
        public Buffers() => Writer = new Utf8JsonWriter(Bytes, Options);

        public ArrayBufferWriter<byte> Bytes { get; } = new(4096);

        public Utf8JsonWriter Writer { get; }
    }
}
