using System.Globalization;
using System.Security.Cryptography;

namespace Leyden.Storage;

/// <summary>
/// The temporary files of one open store, in a directory that is locked as long as the store lives. A directory that nobody
/// has locked was left by a crash: the next store to open deletes it.
/// </summary>
internal sealed class FolderSession : IDisposable
{
    private readonly string _directory;
    private readonly FileStream _lock;
    private long _files;

    private FolderSession(string directory, FileStream @lock)
    {
        _directory = directory;
        _lock = @lock;
    }

    public static async Task<FolderSession> OpenAsync(FolderLayout layout, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(layout.Locks);
        Directory.CreateDirectory(layout.Types);
        Directory.CreateDirectory(layout.Temporary);

        // Opening and cleaning exclude each other: a directory is never seen between its making and its locking.
        await using var gate = await LockFile.AcquireAsync(Path.Combine(layout.Locks, "sessions"), cancellationToken);
        foreach (var left in Directory.EnumerateDirectories(layout.Temporary))
        {
            DeleteIfLeft(left);
        }

        var directory = Path.Combine(layout.Temporary, RandomNumberGenerator.GetHexString(16, lowercase: true));
        Directory.CreateDirectory(directory);
        return new FolderSession(
            directory,
            LockFile.TryAcquire(LockOf(directory)) ?? throw new IOException($"'{directory}' can not be locked.")
        );
    }

    /// <summary>A path that no file had before.</summary>
    public string NextPath() =>
        Path.Combine(_directory, Interlocked.Increment(ref _files).ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _lock.Dispose();
        try
        {
            Directory.Delete(_directory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another store opened since the lock was released, and cleaned up.
        }
    }

    private static void DeleteIfLeft(string directory)
    {
        using (var held = LockFile.TryAcquire(LockOf(directory)))
        {
            if (held is null)
            {
                return;
            }
        }

        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Its own store was closing at the same time.
        }
    }

    private static string LockOf(string directory) => Path.Combine(directory, "lock");
}
