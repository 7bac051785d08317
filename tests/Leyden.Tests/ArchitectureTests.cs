using System.Reflection;
using System.Xml.Linq;

namespace Leyden.Tests;

/// <summary>Holds the arrows between projects: inwards only, as docs/architecture.md draws them.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Leyden"] = [],
        ["Leyden.Api"] = ["Leyden"],
        ["Leyden.Diffusion"] = [],
        ["Leyden.DurableTask.Sqlite"] = [],
        ["Leyden.Functions"] = ["Leyden.Api"],
        ["Leyden.Local"] = ["Leyden.Api", "Leyden.DurableTask.Sqlite", "Leyden.Diffusion"],
        // The core's rules for URLs from outside, the model's ranges and the faults of settings; none of its durable parts.
        ["Leyden.ModelServer"] = ["Leyden", "Leyden.Diffusion"],
        ["Emulators"] = [],
    };

    [Fact]
    public void Projects_refer_to_those_inside_them_only()
    {
        // One level only: builds put projects of their own below obj.
        var projects = Directory
            .EnumerateDirectories(Path.Combine(Root(), "src"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
            .Append(Path.Combine(Root(), "tests", "Emulators", "Emulators.csproj"))
            .ToList();

        Assert.Equal(Arrows.Keys.Order(), projects.Select(Name).Order());
        Assert.All(projects, p => Assert.Equal(Arrows[Name(p)].Order(), References(p).Order()));
    }

    [Fact]
    public void The_core_knows_no_HTTP_server_and_the_engine_no_predictions()
    {
        Assert.DoesNotContain(
            typeof(Leyden.Predictions.Prediction).Assembly.GetReferencedAssemblies(),
            a => a.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
        );
        var engine = typeof(Leyden.DurableTask.Sqlite.SqliteOrchestrationService).Assembly;
        Assert.DoesNotContain(engine.GetTypes(), t => t.Name.Contains("Prediction", StringComparison.Ordinal));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(r => Name((string)r.Attribute("Include")!));

    private static string Name(string project) => Path.GetFileNameWithoutExtension(project.Replace('\\', '/'));

    private static string Root()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Functions.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests do not run within the repository.");
    }
}
