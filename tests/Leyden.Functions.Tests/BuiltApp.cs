using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Leyden.Functions.Tests;

/// <summary>What the build of the Functions app made for the Functions host.</summary>
internal static class BuiltApp
{
    /// <summary>The folder of the build.</summary>
    public static string Folder { get; } =
        typeof(BuiltApp)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == nameof(BuiltApp))
            .Value!;

    /// <summary>The repository.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    /// <summary>The functions that the host is told of.</summary>
    public static IReadOnlyList<JsonObject> Functions { get; } =
    [
        .. JsonNode
            .Parse(File.ReadAllText(Path.Combine(Folder, "functions.metadata")))!
            .AsArray()
            .Select(f => f!.AsObject()),
    ];

    /// <summary>A file of the build.</summary>
    public static JsonObject Json(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name)))!.AsObject();

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
