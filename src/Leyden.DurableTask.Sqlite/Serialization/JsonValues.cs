using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.Tracing;

namespace Leyden.DurableTask.Sqlite;

/// <summary>The values that several event types share.</summary>
internal static class JsonValues
{
    /// <summary>
    /// Moves to the value of the next property of the object that the reader is in; false at the end of the object. The reader stands at the
    /// object's start before the first call.
    /// </summary>
    public static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            name = "";
            return reader.TokenType == JsonTokenType.EndObject
                ? false
                : throw new JsonException($"Expected a property, found {reader.TokenType}.");
        }

        name = PropertyNames.Intern(ref reader);
        reader.Read();
        return true;
    }

    /// <summary>Writes a time as UTC. A time of unspecified kind is taken for UTC, as everywhere in the framework.</summary>
    public static void WriteTime(Utf8JsonWriter writer, string name, DateTime value) =>
        writer.WriteString(name, ToUtc(value));

    public static DateTime ToUtc(DateTime value) =>
        value.Kind switch
        {
            DateTimeKind.Utc => value,
            DateTimeKind.Local => value.ToUniversalTime(),
            _ => DateTime.SpecifyKind(value, DateTimeKind.Utc),
        };

    public static void WriteTags(Utf8JsonWriter writer, IDictionary<string, string> tags)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in tags)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    public static Dictionary<string, string> ReadTags(ref Utf8JsonReader reader)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            tags[key] = reader.GetString()!;
        }

        return tags;
    }

    public static void WriteInstance(Utf8JsonWriter writer, OrchestrationInstance instance)
    {
        writer.WriteStartObject();
        writer.WriteString("InstanceId", instance.InstanceId);
        if (instance.ExecutionId is { } executionId)
        {
            writer.WriteString("ExecutionId", executionId);
        }

        writer.WriteEndObject();
    }

    public static OrchestrationInstance ReadInstance(ref Utf8JsonReader reader)
    {
        var instance = new OrchestrationInstance();
        while (NextProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "InstanceId":
                    instance.InstanceId = reader.GetString();
                    break;
                case "ExecutionId":
                    instance.ExecutionId = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return instance;
    }

    public static void WriteParent(Utf8JsonWriter writer, ParentInstance parent)
    {
        writer.WriteStartObject();
        writer.WriteString("Name", parent.Name);
        writer.WriteString("Version", parent.Version);
        writer.WriteNumber("TaskScheduleId", parent.TaskScheduleId);
        writer.WritePropertyName("OrchestrationInstance");
        WriteInstance(writer, parent.OrchestrationInstance);
        writer.WriteEndObject();
    }

    public static ParentInstance ReadParent(ref Utf8JsonReader reader)
    {
        var parent = new ParentInstance();
        while (NextProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "Name":
                    parent.Name = reader.GetString();
                    break;
                case "Version":
                    parent.Version = reader.GetString();
                    break;
                case "TaskScheduleId":
                    parent.TaskScheduleId = reader.GetInt32();
                    break;
                case "OrchestrationInstance":
                    parent.OrchestrationInstance = ReadInstance(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return parent;
    }

    public static void WriteTrace(Utf8JsonWriter writer, DistributedTraceContext? trace)
    {
        if (trace is null)
        {
            return;
        }

        writer.WriteStartObject("ParentTraceContext");
        writer.WriteString("TraceParent", trace.TraceParent);
        writer.WriteString("TraceState", trace.TraceState);
        writer.WriteString("Id", trace.Id);
        writer.WriteString("SpanId", trace.SpanId);
        if (trace.ActivityStartTime is { } start)
        {
            writer.WriteString("ActivityStartTime", start);
        }

        writer.WriteEndObject();
    }

    public static DistributedTraceContext ReadTrace(ref Utf8JsonReader reader)
    {
        var trace = new DistributedTraceContext("");
        while (NextProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "TraceParent":
                    trace.TraceParent = reader.GetString()!;
                    break;
                case "TraceState":
                    trace.TraceState = reader.GetString();
                    break;
                case "Id":
                    trace.Id = reader.GetString();
                    break;
                case "SpanId":
                    trace.SpanId = reader.GetString();
                    break;
                case "ActivityStartTime":
                    trace.ActivityStartTime = reader.GetDateTimeOffset();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return trace;
    }

    public static void WriteFailure(Utf8JsonWriter writer, string name, FailureDetails? failure)
    {
        if (failure is not null)
        {
            writer.WritePropertyName(name);
            WriteFailure(writer, failure);
        }
    }

    public static void WriteFailure(Utf8JsonWriter writer, FailureDetails failure) =>
        FailureJson.Write(writer, failure);

    public static FailureDetails ReadFailure(ref Utf8JsonReader reader) => FailureJson.Read(ref reader);
}
