using System.Security.Cryptography;
using System.Text;

namespace Leyden.Storage;

/// <summary>
/// The content types of the few objects whose names do not imply theirs, each in a file of its own away from the objects, so that
/// no listing sees them. A file belongs to one version of an object (<see cref="FolderVersion.HasTypeFile"/>): it is written
/// before that version becomes visible and deleted after, so that type and content always belong together.
/// </summary>
internal sealed class FolderTypeFiles(FolderLayout layout)
{
    public void Write(ObjectKey key, FolderVersion version, string contentType)
    {
        var path = PathOf(key, version);
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(Encoding.ASCII.GetBytes(contentType));
            file.Flush(flushToDisk: true);
        }

        FolderDirectories.Sync(directory);
        FolderDirectories.Sync(layout.Types);
    }

    /// <summary>The content type of a version.</summary>
    /// <returns>Null when the version has been replaced or deleted since.</returns>
    public async Task<string?> ReadAsync(ObjectKey key, FolderVersion version, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(PathOf(key, version), Encoding.ASCII, cancellationToken);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Delete(ObjectKey key, FolderVersion version)
    {
        var path = PathOf(key, version);
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private string PathOf(ObjectKey key, FolderVersion version)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Value)));
        return Path.Combine(layout.Types, hash[..2], $"{hash}.{version.ETag}");
    }
}
