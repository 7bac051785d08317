using System.Security.Cryptography;

namespace Leyden.Storage;

/// <summary>The secret that read URLs of a folder store are signed with, in a file that only its owner may read.</summary>
public static class UrlSecret
{
    private const int Bytes = 32;

    /// <summary>Reads the secret of a folder, or makes it once; processes that do so at the same time get the same one.</summary>
    /// <param name="folder">The folder of the store; made when it does not exist.</param>
    /// <returns>32 random bytes.</returns>
    /// <exception cref="InvalidDataException">The file was changed: delete it to end the validity of all URLs and start anew.</exception>
    public static byte[] ReadOrCreate(string folder)
    {
        var path = new FolderLayout(folder).UrlSecret;
        if (!File.Exists(path))
        {
            Create(path);
        }

        var secret = File.ReadAllBytes(path);
        return secret.Length == Bytes
            ? secret
            : throw new InvalidDataException($"'{path}' should hold {Bytes} bytes and holds {secret.Length}.");
    }

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = $"{path}.{RandomNumberGenerator.GetHexString(16)}";
        try
        {
            using (var stream = new FileStream(file, options))
            {
                stream.Write(RandomNumberGenerator.GetBytes(Bytes));
                stream.Flush(flushToDisk: true);
            }

            File.Move(file, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster: its secret counts.
        }
        finally
        {
            File.Delete(file);
        }
    }
}
