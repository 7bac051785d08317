using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Leyden.Storage;

/// <summary>Directories that appear with the first object below them, go with the last one, and survive a loss of power.</summary>
internal sealed class FolderDirectories(FolderLayout layout)
{
    // Each attempt loses only when another process pruned the very directory between two system calls.
    private const int MaxAttempts = 1000;

    /// <summary>Renames a file to an object's path, replacing what is there, and makes that durable.</summary>
    /// <exception cref="IOException">The path is a folder of other objects, or the file system refuses.</exception>
    public void MoveInto(string file, string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        var created = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!Directory.Exists(directory))
                {
                    Directory.CreateDirectory(directory);
                    created = true;
                }

                File.Move(file, path, overwrite: true);
                break;
            }
            catch (IOException e)
                when (e is DirectoryNotFoundException or FileNotFoundException
                    && attempt < MaxAttempts
                    && File.Exists(file)
                )
            {
                // A delete pruned the directory after it was seen or made: make it again.
            }
        }

        Sync(directory);
        while (created && directory != layout.Root)
        {
            directory = Path.GetDirectoryName(directory)!;
            Sync(directory);
        }
    }

    /// <summary>Removes the directories that a deleted object leaves empty, the innermost first, and makes the deletion durable.</summary>
    public void Prune(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        while (directory != layout.Root && TryRemove(directory))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        Sync(directory);
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            if (Directory.EnumerateFileSystemEntries(directory).Any())
            {
                return false;
            }

            Directory.Delete(directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            // A writer put an object there since: the system removes only empty directories.
            return false;
        }
    }

    /// <summary>
    /// Makes the entries of a directory durable: without this a loss of power may undo a rename. .NET opens no directories, and
    /// Windows has no such call.
    /// </summary>
    public static void Sync(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(directory, 0);
        if (descriptor < 0)
        {
            // Pruned by another delete, which then is what has to be durable.
            return;
        }

        try
        {
            const int InvalidArgument = 22;
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() is var error and not InvalidArgument)
            {
                throw new IOException($"'{directory}' can not be flushed: {new Win32Exception(error).Message}.");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
