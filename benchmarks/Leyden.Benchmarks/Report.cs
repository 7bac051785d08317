using System.Runtime.InteropServices;

namespace Leyden.Benchmarks;

/// <summary>Figures for people: printed, and kept in docs/performance/ with the command that makes them.</summary>
internal static class Report
{
    /// <summary>Prints a table and writes it to <c>docs/performance/{verb}.md</c>.</summary>
    /// <param name="verb">The benchmark's verb.</param>
    /// <param name="title">What was measured.</param>
    /// <param name="body">Markdown.</param>
    public static async Task WriteAsync(string verb, string title, string body)
    {
        var text = $"""
            # {title}

            `dotnet run -c Release --project benchmarks/Leyden.Benchmarks -- {verb}` on {Environment.ProcessorCount} cores,
            {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.

            {body.TrimEnd()}

            """;
        Console.WriteLine(text);
        var folder = Path.Combine(Repository(), "docs", "performance");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{verb}.md"), text);
    }

    /// <summary>The repository that this program was built in.</summary>
    public static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Functions.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The benchmarks do not run within the repository.");
    }
}
