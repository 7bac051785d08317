namespace Leyden.DurableTask.Sqlite;

/// <summary>Another service already owns the database file. The message names the file and, when known, the owner's process id.</summary>
public sealed class DatabaseInUseException : IOException
{
    internal DatabaseInUseException(string path, int? ownerProcessId, Exception cause)
        : base(
            $"The database '{path}' is in use by {(ownerProcessId is { } id ? $"process {id}" : "another process")}. "
                + "One file serves one process: stop the other one, or use another file.",
            cause
        )
    {
        Path = path;
        OwnerProcessId = ownerProcessId;
    }

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <summary>The process that owns the file, or null when it could not be found out.</summary>
    public int? OwnerProcessId { get; }
}
