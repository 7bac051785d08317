using DurableTask.Core;
using DurableTask.Core.History;
using Microsoft.Data.Sqlite;

namespace Leyden.DurableTask.Sqlite;

/// <summary>One start of an instance: its key, and the execution ids that belong to it (ContinueAsNew gives a new one each time).</summary>
internal sealed record InstanceIdentity(long Key, string InstanceId, string ExecutionId, string FirstExecutionId)
{
    /// <summary>Whether a message or state names the current execution; one without an execution id belongs to a start without one.</summary>
    public bool IsCurrent(OrchestrationInstance instance) => (instance.ExecutionId ?? "") == ExecutionId;

    public bool HasExecution(string executionId) => executionId == ExecutionId || executionId == FirstExecutionId;
}

/// <summary>What the engine needs to know of an instance to route messages and hand out work.</summary>
internal sealed record InstanceRow(
    InstanceIdentity Identity,
    OrchestrationStatus Status,
    DateTime CreatedAt,
    DateTime? ScheduledAt
)
{
    public long Key => Identity.Key;

    public bool IsActive => Instances.IsActive(Status);
}

/// <summary>The statements on the table of instances.</summary>
internal static class Instances
{
    /// <summary>The columns that <see cref="ReadState"/> reads; input and output stand last, so that a query can replace them.</summary>
    public const string StateColumns =
        "instance_key, instance_id, execution_id, first_execution_id, name, version, status, created_at, updated_at, completed_at, "
        + "scheduled_at, custom_status, failure, parent, tags, input, output";

    /// <summary>As <see cref="StateColumns"/>, with input and output left out.</summary>
    public const string StateColumnsWithoutPayload =
        "instance_key, instance_id, execution_id, first_execution_id, name, version, status, created_at, updated_at, completed_at, "
        + "scheduled_at, custom_status, failure, parent, tags, NULL, NULL";

    private const string RowColumns =
        "instance_key, instance_id, execution_id, first_execution_id, status, created_at, scheduled_at";

    public static bool IsActive(OrchestrationStatus status) =>
        status is OrchestrationStatus.Pending or OrchestrationStatus.Running or OrchestrationStatus.Suspended;

    public static InstanceRow? Find(SqliteSession session, string instanceId) =>
        session.First($"SELECT {RowColumns} FROM instances WHERE instance_id=$0", ReadRow, instanceId);

    public static InstanceRow? Find(SqliteSession session, long key) =>
        session.First($"SELECT {RowColumns} FROM instances WHERE instance_key=$0", ReadRow, key);

    /// <summary>The full state of an instance, with its identity.</summary>
    public static (InstanceIdentity Identity, OrchestrationState State)? FindState(
        SqliteSession session,
        string instanceId
    ) =>
        session.Query($"SELECT {StateColumns} FROM instances WHERE instance_id=$0", ReadState, instanceId)
            is [var found, ..]
            ? found
            : null;

    public static void Insert(SqliteSession session, long key, TaskMessage start, DateTime now)
    {
        var started = (ExecutionStartedEvent)start.Event;
        var instance = start.OrchestrationInstance;
        session.Execute(
            "INSERT INTO instances(instance_key, instance_id, execution_id, first_execution_id, name, version, status, created_at, "
                + "updated_at, scheduled_at, input, parent, tags) VALUES($0,$1,$2,$2,$3,$4,$5,$6,$6,$7,$8,$9,$10)",
            key,
            instance.InstanceId,
            instance.ExecutionId ?? "",
            started.Name,
            started.Version,
            (long)OrchestrationStatus.Pending,
            now.Ticks,
            started.ScheduledStartTime is { } at ? JsonValues.ToUtc(at).Ticks : null,
            started.Input,
            started.ParentInstance is { } parent ? HistorySerializer.Serialize(parent) : null,
            started.Tags is { } tags ? HistorySerializer.Serialize(tags) : null
        );
    }

    /// <summary>Writes what a turn of the orchestrator has changed. False when the instance is gone.</summary>
    public static bool Update(
        SqliteSession session,
        long key,
        OrchestrationState state,
        byte[]? failure,
        DateTime now
    ) =>
        session.Execute(
            "UPDATE instances SET execution_id=$1, version=$2, status=$3, updated_at=$4, completed_at=$5, output=$6, custom_status=$7, "
                + "failure=$8 WHERE instance_key=$0",
            key,
            state.OrchestrationInstance.ExecutionId ?? "",
            state.Version,
            (long)state.OrchestrationStatus,
            now.Ticks,
            IsActive(state.OrchestrationStatus) ? null : now.Ticks,
            state.Output,
            state.Status,
            failure
        ) > 0;

    /// <summary>ContinueAsNew: the input of the next generation.</summary>
    public static void ReplaceInput(SqliteSession session, long key, string? input) =>
        session.Execute("UPDATE instances SET input=$1 WHERE instance_key=$0", key, input);

    /// <summary>Removes an instance with everything that belongs to it.</summary>
    public static void Delete(SqliteSession session, long key)
    {
        session.Execute("DELETE FROM history WHERE instance_key=$0", key);
        session.Execute("DELETE FROM inbox WHERE instance_key=$0", key);
        session.Execute("DELETE FROM activities WHERE instance_key=$0", key);
        session.Execute("DELETE FROM instances WHERE instance_key=$0", key);
    }

    public static (InstanceIdentity Identity, OrchestrationState State) ReadState(SqliteDataReader row)
    {
        var identity = ReadIdentity(row);
        var state = new OrchestrationState
        {
            OrchestrationInstance = new OrchestrationInstance
            {
                InstanceId = identity.InstanceId,
                ExecutionId = identity.ExecutionId,
            },
            Name = row.GetString(4),
            Version = Text(row, 5),
            OrchestrationStatus = (OrchestrationStatus)row.GetInt32(6),
            CreatedTime = Time(row, 7)!.Value,
            LastUpdatedTime = Time(row, 8)!.Value,
            CompletedTime = Time(row, 9) ?? default,
            ScheduledStartTime = Time(row, 10),
            Status = Text(row, 11),
            FailureDetails = row.IsDBNull(12)
                ? null
                : HistorySerializer.DeserializeFailure(row.GetFieldValue<byte[]>(12)),
            ParentInstance = row.IsDBNull(13)
                ? null
                : HistorySerializer.DeserializeParent(row.GetFieldValue<byte[]>(13)),
            Tags = row.IsDBNull(14) ? null : HistorySerializer.DeserializeTags(row.GetFieldValue<byte[]>(14)),
            Input = Text(row, 15),
            Output = Text(row, 16),
        };
        return (identity, state);
    }

    private static InstanceRow ReadRow(SqliteDataReader row) =>
        new(
            ReadIdentity(row),
            (OrchestrationStatus)row.GetInt32(4),
            new DateTime(row.GetInt64(5), DateTimeKind.Utc),
            Time(row, 6)
        );

    private static InstanceIdentity ReadIdentity(SqliteDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3));

    private static string? Text(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTime? Time(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTime(row.GetInt64(column), DateTimeKind.Utc);
}
