using System.Reflection;

namespace Leyden.Monitoring.Tests;

/// <summary>Files of the repository that the tests hold to the code.</summary>
internal static class Repository
{
    private static readonly string Root = typeof(Repository)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Repository")
        .Value!;

    /// <summary>The full path of a file or folder.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>The text of a file.</summary>
    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>The text of a file; empty when there is none.</summary>
    public static string ReadIfThere(string relative) => File.Exists(PathOf(relative)) ? Read(relative) : "";

    /// <summary>The text of all sources of a project.</summary>
    public static string SourcesOf(string project) =>
        string.Concat(
            Directory
                .EnumerateFiles(PathOf(project), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
                .Select(File.ReadAllText)
        );
}
