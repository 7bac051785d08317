using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.History;
using DurableTask.Core.Tracing;

namespace Leyden.DurableTask.Sqlite;

/// <summary>Reads one history event: first all fields, then the object, because Core's types take most of theirs in the constructor.</summary>
internal static class HistoryEventReader
{
    /// <exception cref="JsonException">Not an event, or of a type that cannot be stored.</exception>
    public static HistoryEvent Read(ref Utf8JsonReader reader)
    {
        var fields = default(Fields);
        while (JsonValues.NextProperty(ref reader, out var name))
        {
            ReadField(ref reader, name, ref fields);
        }

        var historyEvent = Build(in fields);
        historyEvent.Timestamp = fields.Timestamp;
        return historyEvent;
    }

    private static void ReadField(ref Utf8JsonReader reader, string name, ref Fields f)
    {
        switch (name)
        {
            case "EventType":
                f.EventType = EventTypeNames.Parse(ref reader);
                break;
            case "EventId":
                f.EventId = reader.GetInt32();
                break;
            case "Timestamp":
                f.Timestamp = reader.GetDateTime();
                break;
            case "Name":
                f.Name = reader.GetString();
                break;
            case "Version":
                f.Version = reader.GetString();
                break;
            case "Input":
                f.Input = reader.GetString();
                break;
            case "Result":
                f.Result = reader.GetString();
                break;
            case "TaskScheduledId":
                f.TaskScheduledId = reader.GetInt32();
                break;
            case "TimerId":
                f.TimerId = reader.GetInt32();
                break;
            case "FireAt":
                f.FireAt = reader.GetDateTime();
                break;
            case "Tags":
                f.Tags = JsonValues.ReadTags(ref reader);
                break;
            case "ParentTraceContext":
                f.Trace = JsonValues.ReadTrace(ref reader);
                break;
            case "FailureDetails":
                f.FailureDetails = JsonValues.ReadFailure(ref reader);
                break;
            default:
                ReadRareField(ref reader, name, ref f);
                break;
        }
    }

    private static void ReadRareField(ref Utf8JsonReader reader, string name, ref Fields f)
    {
        switch (name)
        {
            case "Reason":
                f.Reason = reader.GetString();
                break;
            case "Details":
                f.Details = reader.GetString();
                break;
            case "InstanceId":
                f.InstanceId = reader.GetString();
                break;
            case "OrchestrationInstance":
                f.Instance = JsonValues.ReadInstance(ref reader);
                break;
            case "ParentInstance":
                f.Parent = JsonValues.ReadParent(ref reader);
                break;
            case "ParentExecutionId":
                f.ParentExecutionId = reader.GetString();
                break;
            case "OrchestrationStatus":
                f.OrchestrationStatus = (OrchestrationStatus)reader.GetInt32();
                break;
            case "Correlation":
                f.Correlation = reader.GetString();
                break;
            case "ScheduledStartTime":
                f.ScheduledStartTime = reader.GetDateTime();
                break;
            case "Generation":
                f.Generation = reader.GetInt32();
                break;
            case "GenerateNewTrace":
                f.GenerateNewTrace = reader.GetBoolean();
                break;
            case "ClientSpanId":
                f.ClientSpanId = reader.GetString();
                break;
            case "Data":
                f.Data = reader.GetString();
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static HistoryEvent Build(in Fields f) =>
        f.EventType switch
        {
            EventType.OrchestratorStarted => new OrchestratorStartedEvent(f.EventId),
            EventType.OrchestratorCompleted => new OrchestratorCompletedEvent(f.EventId),
            EventType.ExecutionStarted => new ExecutionStartedEvent(f.EventId, f.Input)
            {
                OrchestrationInstance = f.Instance,
                ParentInstance = f.Parent,
                Name = f.Name,
                Version = f.Version,
                Tags = f.Tags,
                Correlation = f.Correlation,
                ParentTraceContext = f.Trace,
                ScheduledStartTime = f.ScheduledStartTime,
                Generation = f.Generation,
                GenerateNewTrace = f.GenerateNewTrace,
            },
            EventType.ExecutionCompleted => new ExecutionCompletedEvent(
                f.EventId,
                f.Result,
                f.OrchestrationStatus,
                f.FailureDetails
            ),
            EventType.ContinueAsNew => new ContinueAsNewEvent(f.EventId, f.Result),
            EventType.ExecutionTerminated => new ExecutionTerminatedEvent(f.EventId, f.Input),
            EventType.ExecutionSuspended => new ExecutionSuspendedEvent(f.EventId, f.Reason),
            EventType.ExecutionResumed => new ExecutionResumedEvent(f.EventId, f.Reason),
            EventType.ExecutionRewound => new ExecutionRewoundEvent(f.EventId, f.Reason)
            {
                ParentExecutionId = f.ParentExecutionId,
                InstanceId = f.InstanceId,
                ParentTraceContext = f.Trace,
            },
            EventType.GenericEvent => new GenericEvent(f.EventId, f.Data),
            _ => BuildOperation(in f),
        };

    private static HistoryEvent BuildOperation(in Fields f) =>
        f.EventType switch
        {
            EventType.TaskScheduled => new TaskScheduledEvent(f.EventId, f.Name!, f.Version, f.Input)
            {
                Tags = f.Tags,
                ParentTraceContext = f.Trace,
            },
            EventType.TaskCompleted => new TaskCompletedEvent(f.EventId, f.TaskScheduledId, f.Result),
            EventType.TaskFailed => new TaskFailedEvent(
                f.EventId,
                f.TaskScheduledId,
                f.Reason,
                f.Details,
                f.FailureDetails
            ),
            EventType.SubOrchestrationInstanceCreated => new SubOrchestrationInstanceCreatedEvent(f.EventId)
            {
                Name = f.Name,
                Version = f.Version,
                InstanceId = f.InstanceId,
                Input = f.Input,
                ClientSpanId = f.ClientSpanId,
                Tags = f.Tags,
            },
            EventType.SubOrchestrationInstanceCompleted => new SubOrchestrationInstanceCompletedEvent(
                f.EventId,
                f.TaskScheduledId,
                f.Result
            ),
            EventType.SubOrchestrationInstanceFailed => new SubOrchestrationInstanceFailedEvent(
                f.EventId,
                f.TaskScheduledId,
                f.Reason,
                f.Details,
                f.FailureDetails
            ),
            EventType.TimerCreated => new TimerCreatedEvent(f.EventId, f.FireAt),
            EventType.TimerFired => new TimerFiredEvent(f.EventId, f.FireAt) { TimerId = f.TimerId },
            EventType.EventSent => new EventSentEvent(f.EventId)
            {
                InstanceId = f.InstanceId,
                Name = f.Name,
                Input = f.Input,
            },
            EventType.EventRaised => new EventRaisedEvent(f.EventId, f.Input)
            {
                Name = f.Name,
                ParentTraceContext = f.Trace,
            },
            null => throw new JsonException("A history event without a type."),
            _ => throw new JsonException($"History events of type {f.EventType} cannot be read."),
        };

    /// <summary>The union of the fields of all event types.</summary>
    private struct Fields
    {
        public EventType? EventType;
        public int EventId;
        public DateTime Timestamp;
        public string? Name;
        public string? Version;
        public string? Input;
        public string? Result;
        public string? Reason;
        public string? Details;
        public string? InstanceId;
        public string? ParentExecutionId;
        public string? Correlation;
        public string? ClientSpanId;
        public string? Data;
        public int TaskScheduledId;
        public int TimerId;
        public DateTime FireAt;
        public DateTime? ScheduledStartTime;
        public int? Generation;
        public bool GenerateNewTrace;
        public OrchestrationStatus OrchestrationStatus;
        public OrchestrationInstance? Instance;
        public ParentInstance? Parent;
        public FailureDetails? FailureDetails;
        public DistributedTraceContext? Trace;
        public Dictionary<string, string>? Tags;
    }
}
