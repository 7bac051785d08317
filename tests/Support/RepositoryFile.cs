using System.Runtime.CompilerServices;

namespace Leyden.TestSupport;

/// <summary>Files of the repository that the tests run in.</summary>
public static class RepositoryFile
{
    /// <summary>The top level.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file's or folder's full name.</summary>
    /// <param name="path">From the top level, with slashes.</param>
    public static string PathOf(string path) => Path.Combine([Root, .. path.Split('/')]);

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(PathOf(path));

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
