using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Leyden.TestSupport;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// How long the Functions app takes from the start of its process to its first answer, with and without code compiled ahead of time: in
/// the test host, since Azure's own is not at hand, and so with the start of the task hub, which on Azure the host does meanwhile.
/// </summary>
internal static class FunctionsStartBenchmark
{
    private const int Runs = 11;
    private const string Ready = "FunctionsHost on ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(IHttpClientFactory clients)
    {
        var folder = Directory.CreateTempSubdirectory("leyden-start-");
        (string Name, string Folder, List<Start> Starts)[] kinds =
        [
            ("compiled at run time", await PublishAsync(folder, isReadyToRun: false), []),
            ("ReadyToRun", await PublishAsync(folder, isReadyToRun: true), []),
        ];
        await using var azurite = await Azurite.StartAsync(folder: null, CancellationToken.None);
        using var http = clients.CreateClient("benchmark");
        var hub = $"start{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        for (var run = 0; run < Runs; run++)
        {
            foreach (var kind in kinds)
            {
                kind.Starts.Add(await StartAsync(kind.Folder, azurite, hub, http));
            }
        }

        var table = new StringBuilder("| | p50 to the first answer | of processor time | size |\n|---|---|---|---|\n");
        foreach (var (name, path, starts) in kinds)
        {
            // The first of each fills the disk cache and makes the hub.
            var measured = starts.Skip(1).ToList();
            var bytes = new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
            table.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {name} | {Median(measured, s => s.Wall):0.00} s | {Median(measured, s => s.Processor):0.00} s | {bytes / 1e6:0} MB |"
            );
        }

        folder.Delete(recursive: true);
        await Report.WriteAsync("functions-start", "Start of the Functions app", table.ToString());
        return 0;
    }

    private static double Median(IEnumerable<Start> starts, Func<Start, TimeSpan> what) =>
        starts.Select(s => what(s).TotalSeconds).Order().ElementAt((Runs - 1) / 2);

    private static async Task<string> PublishAsync(DirectoryInfo parent, bool isReadyToRun)
    {
        var target = Path.Combine(parent.FullName, isReadyToRun ? "ahead" : "jit");
        var project = Path.Combine(Report.Repository(), "tests", "FunctionsHost");
        string[] arguments =
        [
            "publish",
            project,
            "-c",
            "Release",
            "-r",
            "linux-x64",
            "--self-contained",
            "false",
            $"-p:PublishReadyToRun={isReadyToRun}",
            "-o",
            target,
        ];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments))!;
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0
            ? target
            : throw new InvalidOperationException($"dotnet publish ended with {publish.ExitCode}.");
    }

    private static async Task<Start> StartAsync(string folder, Azurite azurite, string hub, HttpClient http)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(folder, "FunctionsHost.dll"), "--urls", "http://127.0.0.1:0"]
        )
        {
            RedirectStandardOutput = true,
        };
        start.Environment["AzureWebJobsStorage"] = azurite.ConnectionString;
        start.Environment["Leyden__Eachlabs__ApiKey"] = "benchmark";
        start.Environment["AzureFunctionsJobHost__extensions__durableTask__hubName"] = hub;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(limit.Token);
        } while (line?.StartsWith(Ready, StringComparison.Ordinal) == false);

        using var answer = await http.GetAsync(new Uri(new Uri(line![Ready.Length..]), "healthz"), limit.Token);
        answer.EnsureSuccessStatusCode();
        var wall = Stopwatch.GetElapsedTime(began);
        var processor = process.TotalProcessorTime;
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        return new Start(wall, processor);
    }

    private sealed record Start(TimeSpan Wall, TimeSpan Processor);
}
