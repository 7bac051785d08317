namespace Leyden.Tests.Storage;

/// <summary>A directory for one test, deleted after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("leyden-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
