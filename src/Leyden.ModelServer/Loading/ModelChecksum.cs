using System.Security.Cryptography;
using System.Text;

namespace Leyden.ModelServer.Loading;

/// <summary>
/// The checksum of a directory: SHA-256 of the list of its files that <c>sha256sum</c> makes, sorted by path as bytes, so that it can be
/// computed without this program: <c>find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum</c>.
/// </summary>
internal static class ModelChecksum
{
    /// <summary>Reads all files. Partial downloads do not count.</summary>
    /// <returns>64 lower-case hex digits.</returns>
    public static async Task<string> ComputeAsync(string directory, CancellationToken cancellationToken)
    {
        using var list = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Files(directory))
        {
            await using var file = File.OpenRead(Path.Combine(directory, path));
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            list.AppendData(Encoding.UTF8.GetBytes($"{hash}  {path}\n"));
        }

        return Convert.ToHexStringLower(list.GetHashAndReset());
    }

    private static IEnumerable<string> Files(string directory) =>
        Directory.Exists(directory)
            ? Directory
                .EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(directory, path).Replace(Path.DirectorySeparatorChar, '/'))
                .Where(path => !path.EndsWith(ModelDownload.PartialSuffix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
            : [];
}
