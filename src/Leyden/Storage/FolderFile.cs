namespace Leyden.Storage;

/// <summary>One object's file and the version that is its modification time.</summary>
internal static class FolderFile
{
    private const int CopyBufferBytes = 81920;

    /// <summary>Writes a new file to the disk, whole and with its version.</summary>
    public static async Task WriteAsync(
        string path,
        Stream content,
        FolderVersion version,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0,
            FileOptions.Asynchronous
        );
        await content.CopyToAsync(file, CopyBufferBytes, cancellationToken);
        Stamp(file, version);
    }

    /// <summary>Gives a file that nobody else sees yet another version, on the disk too.</summary>
    public static void Stamp(string path, FolderVersion version)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        Stamp(file, version);
    }

    /// <summary>Opens an object's file so that it may be replaced or deleted meanwhile.</summary>
    /// <returns>The file; null when there is none, or a folder of that name.</returns>
    public static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 4096,
                FileOptions.Asynchronous
            );
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            return null;
        }
    }

    public static FolderVersion VersionOf(FileStream file) => new(File.GetLastWriteTimeUtc(file.SafeFileHandle).Ticks);

    public static FolderVersion? VersionOf(string path) =>
        new FileInfo(path) is { Exists: true } file ? new(file.LastWriteTimeUtc.Ticks) : null;

    private static void Stamp(FileStream file, FolderVersion version)
    {
        File.SetLastWriteTimeUtc(file.SafeFileHandle, version.Time);
        if (VersionOf(file) != version)
        {
            throw new IOException($"The file system of '{file.Name}' does not keep modification times to 100 ns.");
        }

        file.Flush(flushToDisk: true);
    }
}
