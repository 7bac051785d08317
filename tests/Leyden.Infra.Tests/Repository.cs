using System.Runtime.CompilerServices;

namespace Leyden.Infra.Tests;

/// <summary>The folders of this repository.</summary>
internal static class Repository
{
    /// <summary>The top level.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    /// <summary>The Bicep files.</summary>
    public static string Infra { get; } = Path.Combine(Root, "infra");

    /// <summary>The environments of the variants, and what each of them makes.</summary>
    public static string Variants { get; } = Path.Combine(Here(), "Variants");

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
