using System.Runtime.InteropServices;

namespace Leyden.Benchmarks;

/// <summary>Figures for people: printed, and kept in docs/performance/ with the command that makes them.</summary>
internal static class Report
{
    /// <summary>Prints a table and writes it to <c>docs/performance/{verb}.md</c>.</summary>
    /// <param name="verb">The benchmark's verb.</param>
    /// <param name="title">What was measured.</param>
    /// <param name="body">Markdown.</param>
    /// <param name="keep">Whether it is written; a trial with other figures is only printed.</param>
    public static async Task WriteAsync(string verb, string title, string body, bool keep = true)
    {
        var text = $"""
            # {title}

            `dotnet run -c Release --project benchmarks/Leyden.Benchmarks -- {verb}` on {Environment.ProcessorCount} cores,
            {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.

            {body.TrimEnd()}

            """;
        Console.WriteLine(text);
        if (!keep)
        {
            return;
        }

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
