namespace Leyden.DurableTask.Sqlite;

/// <summary>The statements on the table of history events.</summary>
internal static class History
{
    public static List<byte[]> Read(SqliteSession session, long instanceKey) =>
        session.Query(
            "SELECT event FROM history WHERE instance_key=$0 ORDER BY sequence",
            row => row.GetFieldValue<byte[]>(0),
            instanceKey
        );

    public static void Append(SqliteSession session, long instanceKey, int sequence, byte[] json) =>
        session.Execute("INSERT INTO history VALUES($0,$1,$2)", instanceKey, (long)sequence, json);

    public static int Count(SqliteSession session, long instanceKey) =>
        (int)session.Scalar("SELECT COUNT(*) FROM history WHERE instance_key=$0", instanceKey)!.Value;

    public static void Clear(SqliteSession session, long instanceKey) =>
        session.Execute("DELETE FROM history WHERE instance_key=$0", instanceKey);
}
