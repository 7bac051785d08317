using System.Reflection;

namespace Leyden.Diffusion.Tests.Quality;

/// <summary>The model directory of the repository.</summary>
internal static class BuiltInModel
{
    public static string Directory { get; } =
        typeof(BuiltInModel)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "BuiltInModel")
            .Value!;
}
