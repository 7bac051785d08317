namespace Leyden.DurableTask.Sqlite;

/// <summary>A message as it lies in the inbox of its instance.</summary>
internal sealed record InboxMessage(long Id, int Attempts, long ChargedIn, byte[] Json);

/// <summary>A timer message that has become visible.</summary>
internal readonly record struct DueMessage(long VisibleFrom, long MessageId, long InstanceKey);

/// <summary>The statements on the table of messages to orchestrations.</summary>
internal static class Inbox
{
    /// <summary>
    /// Adds a message, visible from a time in UTC ticks, or 0 for now. Its first delivery is counted at once (see <see cref="Schema"/>), so
    /// that handing it out in this run needs no write.
    /// </summary>
    public static void Insert(
        SqliteSession session,
        Run run,
        long instanceKey,
        string? executionId,
        long visibleFrom,
        byte[] json
    ) =>
        session.Execute(
            "INSERT INTO inbox VALUES($0,$1,$2,$3,1,$4,$5)",
            instanceKey,
            run.NextMessageId(),
            string.IsNullOrEmpty(executionId) ? null : executionId,
            visibleFrom,
            run.Number,
            json
        );

    /// <summary>The visible messages of an instance, in order of arrival.</summary>
    public static List<InboxMessage> ReadVisible(SqliteSession session, long instanceKey, long now, int limit) =>
        session.Query(
            "SELECT message_id, attempts, charged_in, message FROM inbox WHERE instance_key=$0 AND visible_from<=$1 "
                + "ORDER BY message_id LIMIT $2",
            row => new InboxMessage(row.GetInt64(0), row.GetInt32(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3)),
            instanceKey,
            now,
            (long)limit
        );

    /// <summary>Counts the next delivery of messages that no process of this run has been given yet.</summary>
    public static void Charge(SqliteSession session, long instanceKey, long messageId, long run) =>
        session.Execute(
            "UPDATE inbox SET attempts=attempts+1, charged_in=$2 WHERE instance_key=$0 AND message_id=$1",
            instanceKey,
            messageId,
            run
        );

    public static void Delete(SqliteSession session, long instanceKey, long messageId) =>
        session.Execute("DELETE FROM inbox WHERE instance_key=$0 AND message_id=$1", instanceKey, messageId);

    public static void DeleteAll(SqliteSession session, long instanceKey) =>
        session.Execute("DELETE FROM inbox WHERE instance_key=$0", instanceKey);

    /// <summary>Removes timers and answers that were meant for another generation; events, which name no execution, stay.</summary>
    public static void DeleteOtherExecutions(SqliteSession session, long instanceKey, string executionId) =>
        session.Execute(
            "DELETE FROM inbox WHERE instance_key=$0 AND execution_id IS NOT NULL AND execution_id<>$1",
            instanceKey,
            executionId
        );

    /// <summary>
    /// The timer messages after <paramref name="from"/> that are due, in order; and, when all due ones fit the page, when the next will be.
    /// </summary>
    public static (List<DueMessage> Due, long? Next) ReadDue(
        SqliteSession session,
        (long Ticks, long MessageId) from,
        long now,
        int limit
    )
    {
        var due = session.Query(
            "SELECT visible_from, message_id, instance_key FROM inbox WHERE visible_from>0 AND (visible_from, message_id)>($0, $1) "
                + "AND visible_from<=$2 ORDER BY visible_from, message_id LIMIT $3",
            row => new DueMessage(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
            from.Ticks,
            from.MessageId,
            now,
            (long)limit
        );
        var next =
            due.Count < limit
                ? session.Scalar("SELECT MIN(visible_from) FROM inbox WHERE visible_from>0 AND visible_from>$0", now)
                : null;
        return (due, next);
    }

    /// <summary>Keys above <paramref name="after"/> of instances with visible messages, ascending.</summary>
    public static List<long> ReadKeysWithMessages(SqliteSession session, long after, long now, int limit) =>
        session.Query(
            "SELECT DISTINCT instance_key FROM inbox WHERE instance_key>$0 AND visible_from<=$1 ORDER BY instance_key LIMIT $2",
            row => row.GetInt64(0),
            after,
            now,
            (long)limit
        );
}
