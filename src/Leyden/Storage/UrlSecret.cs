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
        var folder = Path.GetDirectoryName(path)!;
        var made = Directory
            .CreateDirectory($"{folder}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}")
            .FullName;
        try
        {
            Write(Path.Combine(made, Path.GetFileName(path)));

            // Of the moves that systems offer, only that of a directory leaves what is there already, whoever comes second.
            Directory.Move(made, folder);
            FolderDirectories.Sync(Path.GetDirectoryName(folder)!);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster: its secret counts.
            Directory.Delete(made, recursive: true);
        }
    }

    private static void Write(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(RandomNumberGenerator.GetBytes(Bytes));
        file.Flush(flushToDisk: true);
    }
}
