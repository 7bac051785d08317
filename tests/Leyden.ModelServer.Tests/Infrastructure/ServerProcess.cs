using System.Diagnostics;

namespace Leyden.ModelServer.Tests;

/// <summary>The server as the program that it is, on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Announcement = "Listening at ";

    private ServerProcess(Process process, HttpClient http) => (Process, Http) = (process, http);

    public Process Process { get; }

    public HttpClient Http { get; }

    public static async Task<ServerProcess> StartAsync(string model, params (string Name, string Value)[] environment)
    {
        var process = Programs.Start(
            "dotnet",
            [Programs.Server, "--urls", "http://127.0.0.1:0", "--model", model],
            null,
            environment
        );
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(TestServer.Cancellation);
        } while (line?.StartsWith(Announcement, StringComparison.Ordinal) == false);

        if (line is null)
        {
            Assert.Fail(await process.StandardError.ReadToEndAsync(TestServer.Cancellation));
        }

        process.BeginErrorReadLine();
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return new ServerProcess(process, TestServer.CreateClient(new Uri(line[Announcement.Length..])));
    }

    /// <summary>Waits until it is loaded, or can not be.</summary>
    /// <returns>What <c>/health-check</c> says.</returns>
    public async Task<string> SetUpAsync()
    {
        var health = "STARTING";
        await TestServer.EventuallyAsync(async () =>
        {
            health = await Http.GetStringAsync("/health-check", TestServer.Cancellation);
            return !health.Contains("STARTING", StringComparison.Ordinal);
        });
        return health;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill();
            await Process.WaitForExitAsync(CancellationToken.None);
        }

        Process.Dispose();
    }
}
