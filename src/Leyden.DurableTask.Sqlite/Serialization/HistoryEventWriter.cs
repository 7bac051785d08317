using System.Text.Json;
using DurableTask.Core.History;

namespace Leyden.DurableTask.Sqlite;

/// <summary>Writes one history event: the fields of its type, without nulls.</summary>
internal static class HistoryEventWriter
{
    /// <exception cref="NotSupportedException">An event type that the framework's dispatchers never produce.</exception>
    public static void Write(Utf8JsonWriter writer, HistoryEvent e)
    {
        writer.WriteStartObject();
        writer.WriteString("EventType", EventTypeNames.Of(e.EventType));
        writer.WriteNumber("EventId", e.EventId);
        JsonValues.WriteTime(writer, "Timestamp", e.Timestamp);
        switch (e)
        {
            case OrchestratorStartedEvent or OrchestratorCompletedEvent:
                break;
            case ExecutionStartedEvent started:
                WriteStarted(writer, started);
                break;
            case ExecutionCompletedEvent completed: // also ContinueAsNewEvent
                writer.WriteNumber("OrchestrationStatus", (int)completed.OrchestrationStatus);
                Text(writer, "Result", completed.Result);
                JsonValues.WriteFailure(writer, "FailureDetails", completed.FailureDetails);
                break;
            case ExecutionTerminatedEvent terminated:
                Text(writer, "Input", terminated.Input);
                break;
            case ExecutionSuspendedEvent suspended:
                Text(writer, "Reason", suspended.Reason);
                break;
            case ExecutionResumedEvent resumed:
                Text(writer, "Reason", resumed.Reason);
                break;
            case ExecutionRewoundEvent rewound:
                Text(writer, "Reason", rewound.Reason);
                Text(writer, "ParentExecutionId", rewound.ParentExecutionId);
                Text(writer, "InstanceId", rewound.InstanceId);
                JsonValues.WriteTrace(writer, rewound.ParentTraceContext);
                break;
            case GenericEvent generic:
                Text(writer, "Data", generic.Data);
                break;
            default:
                WriteOperation(writer, e);
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteStarted(Utf8JsonWriter writer, ExecutionStartedEvent e)
    {
        if (e.OrchestrationInstance is { } instance)
        {
            writer.WritePropertyName("OrchestrationInstance");
            JsonValues.WriteInstance(writer, instance);
        }

        if (e.ParentInstance is { } parent)
        {
            writer.WritePropertyName("ParentInstance");
            JsonValues.WriteParent(writer, parent);
        }

        Text(writer, "Name", e.Name);
        Text(writer, "Version", e.Version);
        Text(writer, "Input", e.Input);
        Text(writer, "Correlation", e.Correlation);
        Tags(writer, e.Tags);
        JsonValues.WriteTrace(writer, e.ParentTraceContext);
        if (e.ScheduledStartTime is { } at)
        {
            JsonValues.WriteTime(writer, "ScheduledStartTime", at);
        }

        if (e.Generation is { } generation)
        {
            writer.WriteNumber("Generation", generation);
        }

        if (e.GenerateNewTrace)
        {
            writer.WriteBoolean("GenerateNewTrace", true);
        }
    }

    private static void WriteOperation(Utf8JsonWriter writer, HistoryEvent e)
    {
        switch (e)
        {
            case TaskScheduledEvent scheduled:
                Text(writer, "Name", scheduled.Name);
                Text(writer, "Version", scheduled.Version);
                Text(writer, "Input", scheduled.Input);
                Tags(writer, scheduled.Tags);
                JsonValues.WriteTrace(writer, scheduled.ParentTraceContext);
                break;
            case TaskCompletedEvent completed:
                writer.WriteNumber("TaskScheduledId", completed.TaskScheduledId);
                Text(writer, "Result", completed.Result);
                break;
            case TaskFailedEvent failed:
                Failed(writer, failed.TaskScheduledId, failed.Reason, failed.Details);
                JsonValues.WriteFailure(writer, "FailureDetails", failed.FailureDetails);
                break;
            case SubOrchestrationInstanceCreatedEvent created:
                Text(writer, "Name", created.Name);
                Text(writer, "Version", created.Version);
                Text(writer, "InstanceId", created.InstanceId);
                Text(writer, "Input", created.Input);
                Text(writer, "ClientSpanId", created.ClientSpanId);
                Tags(writer, created.Tags);
                break;
            case SubOrchestrationInstanceCompletedEvent completed:
                writer.WriteNumber("TaskScheduledId", completed.TaskScheduledId);
                Text(writer, "Result", completed.Result);
                break;
            case SubOrchestrationInstanceFailedEvent failed:
                Failed(writer, failed.TaskScheduledId, failed.Reason, failed.Details);
                JsonValues.WriteFailure(writer, "FailureDetails", failed.FailureDetails);
                break;
            case TimerCreatedEvent created:
                JsonValues.WriteTime(writer, "FireAt", created.FireAt);
                break;
            case TimerFiredEvent fired:
                writer.WriteNumber("TimerId", fired.TimerId);
                JsonValues.WriteTime(writer, "FireAt", fired.FireAt);
                break;
            case EventSentEvent sent:
                Text(writer, "InstanceId", sent.InstanceId);
                Text(writer, "Name", sent.Name);
                Text(writer, "Input", sent.Input);
                break;
            case EventRaisedEvent raised:
                Text(writer, "Name", raised.Name);
                Text(writer, "Input", raised.Input);
                JsonValues.WriteTrace(writer, raised.ParentTraceContext);
                break;
            default:
                throw new NotSupportedException($"History events of type {e.EventType} cannot be stored.");
        }
    }

    private static void Failed(Utf8JsonWriter writer, int taskScheduledId, string? reason, string? details)
    {
        writer.WriteNumber("TaskScheduledId", taskScheduledId);
        Text(writer, "Reason", reason);
        Text(writer, "Details", details);
    }

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Tags(Utf8JsonWriter writer, IDictionary<string, string>? tags)
    {
        if (tags is not null)
        {
            writer.WritePropertyName("Tags");
            JsonValues.WriteTags(writer, tags);
        }
    }
}
