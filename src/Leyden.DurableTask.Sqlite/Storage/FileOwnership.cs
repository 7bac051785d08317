using System.Globalization;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Exclusive ownership of a database file by one service: an operating-system lock on a side file, which the system itself releases when the
/// process dies, however it dies. The owner's process id goes into a second file, because a locked file cannot be read by others everywhere.
/// </summary>
internal sealed class FileOwnership : IDisposable
{
    // What opening a file that somebody else has locked fails with, by operating system.
    private const int EAgainLinux = 11;
    private const int EAgainBsd = 35;
    private const int SharingViolationWindows = unchecked((int)0x80070020);

    private readonly FileStream _lock;
    private readonly string _ownerFile;

    private FileOwnership(FileStream @lock, string ownerFile)
    {
        _lock = @lock;
        _ownerFile = ownerFile;
    }

    /// <summary>Takes ownership.</summary>
    /// <exception cref="DatabaseInUseException">Another service, in this process or another, owns the file.</exception>
    public static FileOwnership Take(string databasePath)
    {
        var ownerFile = databasePath + ".owner";
        FileStream stream;
        try
        {
            stream = new FileStream(
                databasePath + ".lock",
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException e) when (e.HResult is EAgainLinux or EAgainBsd or SharingViolationWindows)
        {
            throw new DatabaseInUseException(databasePath, ReadOwner(ownerFile), e);
        }

        try
        {
            File.WriteAllText(ownerFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new FileOwnership(stream, ownerFile);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        // The name goes before the lock: afterwards the file may already hold the name of the next owner.
        File.Delete(_ownerFile);
        _lock.Dispose();
    }

    private static int? ReadOwner(string ownerFile)
    {
        try
        {
            return int.TryParse(File.ReadAllText(ownerFile), CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
