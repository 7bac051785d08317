using System.Reflection;

namespace Leyden.Infra.Tests;

/// <summary>The Bicep compiler, which comes from NuGet with the restore and asks no network.</summary>
internal static class Bicep
{
    private static readonly string Executable = typeof(Bicep)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == nameof(Bicep))
        .Value!;

    // It unpacks itself at its start, and gives up where there is no home to do it in.
    private static readonly Dictionary<string, string> Home = new()
    {
        ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(AppContext.BaseDirectory, "bicep"),
    };

    /// <summary>Runs a command in a folder.</summary>
    public static Task<CommandResult> RunAsync(
        string folder,
        IEnumerable<KeyValuePair<string, string>> environment,
        params string[] arguments
    ) => Commands.RunAsync(Executable, arguments, new Dictionary<string, string>(Home.Concat(environment)), folder);

    /// <summary>Copies the Bicep files to where results may be written beside them.</summary>
    public static DirectoryInfo CopyInfra()
    {
        var target = Directory.CreateTempSubdirectory("leyden-infra-");
        foreach (var file in Directory.EnumerateFiles(Repository.Infra, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target.FullName, Path.GetRelativePath(Repository.Infra, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }
}
