namespace Leyden.DurableTask.Sqlite;

/// <summary>The tables, their version (<c>PRAGMA user_version</c>) and the steps from each version to the next.</summary>
internal static class Schema
{
    /// <summary>
    /// Step n brings a database from version n to n + 1. Steps are never changed once released; a new shape is a new step.
    /// Instances have a numeric key of their own: another start under the same id is another key, so that nothing of the replaced instance
    /// can reach the new one. <c>visible_from</c> is 0 for "now", otherwise UTC ticks. <c>attempts</c> counts deliveries and
    /// <c>charged_in</c> is the run (start of a process) in which the next delivery was already counted. History, inbox and activities are
    /// clustered by instance and have as few indexes as possible: what a commit costs is the number of pages that it touches.
    /// </summary>
    private static readonly string[] Steps =
    [
        """
            CREATE TABLE instances(
                instance_key INTEGER PRIMARY KEY,
                instance_id TEXT NOT NULL UNIQUE,
                execution_id TEXT NOT NULL,
                first_execution_id TEXT NOT NULL,
                name TEXT NOT NULL,
                version TEXT,
                status INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                completed_at INTEGER,
                scheduled_at INTEGER,
                input TEXT,
                output TEXT,
                custom_status TEXT,
                failure BLOB,
                parent BLOB,
                tags BLOB);
            CREATE INDEX ix_instances_status ON instances(status);
            CREATE TABLE history(
                instance_key INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                event BLOB NOT NULL,
                PRIMARY KEY(instance_key, sequence)) WITHOUT ROWID;
            CREATE TABLE inbox(
                instance_key INTEGER NOT NULL,
                message_id INTEGER NOT NULL,
                execution_id TEXT,
                visible_from INTEGER NOT NULL,
                attempts INTEGER NOT NULL,
                charged_in INTEGER NOT NULL,
                message BLOB NOT NULL,
                PRIMARY KEY(instance_key, message_id)) WITHOUT ROWID;
            CREATE INDEX ix_inbox_timers ON inbox(visible_from) WHERE visible_from > 0;
            CREATE TABLE activities(
                instance_key INTEGER NOT NULL,
                activity_id INTEGER NOT NULL,
                attempts INTEGER NOT NULL,
                charged_in INTEGER NOT NULL,
                message BLOB NOT NULL,
                PRIMARY KEY(instance_key, activity_id)) WITHOUT ROWID;
            CREATE TABLE runs(last_run INTEGER NOT NULL);
            INSERT INTO runs VALUES(0);
            """,
    ];

    /// <summary>The version that this code reads and writes.</summary>
    public static int CurrentVersion => Steps.Length;

    /// <summary>Brings the database to <see cref="CurrentVersion"/>, each step in a transaction of its own.</summary>
    /// <exception cref="InvalidOperationException">The database was written by a newer version of this library.</exception>
    public static void Migrate(SqliteSession session, string path)
    {
        var version = (int)session.Scalar("PRAGMA user_version")!.Value;
        if (version > CurrentVersion)
        {
            throw new InvalidOperationException(
                $"The database '{path}' has schema version {version}, but this version of the library knows only up to {CurrentVersion}. "
                    + "Use the version that wrote it, or a newer one."
            );
        }

        for (; version < CurrentVersion; version++)
        {
            session.ExecuteScript($"BEGIN IMMEDIATE; {Steps[version]} PRAGMA user_version = {version + 1}; COMMIT;");
        }
    }

    /// <summary>Removes every instance and message; the tables stay.</summary>
    public static void Clear(SqliteSession session)
    {
        foreach (var table in (ReadOnlySpan<string>)["instances", "history", "inbox", "activities"])
        {
            session.Execute($"DELETE FROM {table}");
        }
    }
}
