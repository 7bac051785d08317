namespace Leyden.DurableTask.Sqlite;

/// <summary>An activity as it lies in the table.</summary>
internal sealed record ActivityRow(long Id, long InstanceKey, int Attempts, long ChargedIn, byte[] Json);

/// <summary>The statements on the table of activities.</summary>
internal static class Activities
{
    /// <summary>Adds an activity, its first delivery already counted (see <see cref="Schema"/>), and returns its id.</summary>
    public static long Insert(SqliteSession session, Run run, long instanceKey, byte[] json)
    {
        var id = run.NextActivityId();
        session.Execute("INSERT INTO activities VALUES($0,$1,1,$2,$3)", instanceKey, id, run.Number, json);
        return id;
    }

    /// <summary>
    /// The next activities in the order of their ids, whichever instance they belong to. Looks at all rows: it is asked for a thousand at a
    /// time, and only when more are waiting than memory holds.
    /// </summary>
    public static List<ActivityRow> ReadAfter(SqliteSession session, long after, int limit) =>
        session.Query(
            "SELECT activity_id, instance_key, attempts, charged_in, message FROM activities WHERE activity_id>$0 ORDER BY activity_id LIMIT $1",
            row => new ActivityRow(
                row.GetInt64(0),
                row.GetInt64(1),
                row.GetInt32(2),
                row.GetInt64(3),
                row.GetFieldValue<byte[]>(4)
            ),
            after,
            (long)limit
        );

    /// <summary>Counts the next delivery. Returns how many that makes, or null when the activity is gone.</summary>
    public static int? Charge(SqliteSession session, long instanceKey, long id, long run) =>
        (int?)
            session.Scalar(
                "UPDATE activities SET attempts=attempts+1, charged_in=$2 WHERE instance_key=$0 AND activity_id=$1 RETURNING attempts",
                instanceKey,
                id,
                run
            );

    /// <summary>False when the activity is gone: completed before, or its instance ended.</summary>
    public static bool Delete(SqliteSession session, long instanceKey, long id) =>
        session.Execute("DELETE FROM activities WHERE instance_key=$0 AND activity_id=$1", instanceKey, id) > 0;

    /// <summary>Removes the activities of an instance and says whether there were any.</summary>
    public static bool DeleteAll(SqliteSession session, long instanceKey) =>
        session.Execute("DELETE FROM activities WHERE instance_key=$0", instanceKey) > 0;
}
