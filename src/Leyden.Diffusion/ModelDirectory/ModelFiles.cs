using System.Security.Cryptography;
using System.Text;

namespace Leyden.Diffusion;

/// <summary>The files of a model directory that the pipeline reads.</summary>
internal static class ModelFiles
{
    public static void MustExist(string path)
    {
        if (!File.Exists(path))
        {
            throw new ModelDirectoryException(path, "a file of this name was expected");
        }
    }

    /// <summary>
    /// SHA-256 over the files in ordinal order of their names: of each the relative name with forward slashes in UTF-8, a zero byte,
    /// the length in bytes as a decimal number, a zero byte, and the content.
    /// </summary>
    public static string Sha256(string root, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (
            var (name, path) in files
                .Select(path => (Name: Path.GetRelativePath(root, path).Replace('\\', '/'), Path: path))
                .DistinctBy(file => file.Name)
                .OrderBy(file => file.Name, StringComparer.Ordinal)
        )
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{stream.Length}\0"));
            for (int read; (read = stream.Read(buffer)) > 0; )
            {
                hash.AppendData(buffer, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
