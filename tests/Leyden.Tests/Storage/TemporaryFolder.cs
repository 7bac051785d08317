namespace Leyden.Tests.Storage;

/// <summary>A directory for one test, deleted after it.</summary>
/// <param name="parent">Where to make it; null for the system's own place.</param>
internal sealed class TemporaryFolder(string? parent = null) : IDisposable
{
    // Making and deleting 100,000 files on a disk that others flush takes a minute, in memory seconds.
    private const string LinuxMemory = "/dev/shm";

    public string Path { get; } =
        parent is null
            ? Directory.CreateTempSubdirectory("leyden-").FullName
            : Directory.CreateDirectory(System.IO.Path.Combine(parent, System.IO.Path.GetRandomFileName())).FullName;

    /// <summary>A directory in memory, where the system has such.</summary>
    public static TemporaryFolder InMemory() => new(Directory.Exists(LinuxMemory) ? LinuxMemory : null);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
