namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// One run: from opening the database to closing it. Gives the numbers of new rows; used by the writer's thread only. Numbers are never given
/// twice in a run, so that work in flight for a deleted row cannot meet another row under its number.
/// </summary>
internal sealed class Run
{
    private long _activityId;
    private long _instanceKey;
    private long _messageId;

    private Run(long number) => Number = number;

    /// <summary>Counts the runs of this database, from 1.</summary>
    public long Number { get; }

    public static Run Begin(SqliteSession session)
    {
        session.Execute("UPDATE runs SET last_run = last_run + 1");
        return new Run(session.Scalar("SELECT last_run FROM runs")!.Value)
        {
            _activityId = session.Scalar("SELECT MAX(activity_id) FROM activities") ?? 0,
            _instanceKey = session.Scalar("SELECT MAX(instance_key) FROM instances") ?? 0,
            _messageId = session.Scalar("SELECT MAX(message_id) FROM inbox") ?? 0,
        };
    }

    public long NextActivityId() => ++_activityId;

    public long NextInstanceKey() => ++_instanceKey;

    public long NextMessageId() => ++_messageId;
}
