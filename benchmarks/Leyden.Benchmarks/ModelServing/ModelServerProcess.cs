using System.Diagnostics;
using System.Globalization;

namespace Leyden.Benchmarks.ModelServing;

/// <summary>The model server in a process of its own.</summary>
internal sealed class ModelServerProcess : IAsyncDisposable
{
    private const string Announcement = "Listening at ";
    private readonly Process _process;

    private ModelServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The most that it has ever had in memory, in bytes.</summary>
    public long PeakWorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts one and waits until the model is loaded.</summary>
    public static async Task<ModelServerProcess> StartAsync(string model, int batchSize, int queue, HttpClient http)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "leyden-model-server.dll");
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0", "--model", model])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["Leyden__ModelServer__BatchSize"] = batchSize.ToString(CultureInfo.InvariantCulture);
        start.Environment["Leyden__ModelServer__QueueLength"] = queue.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync();
        } while (line?.StartsWith(Announcement, StringComparison.Ordinal) == false);

        var server = new ModelServerProcess(
            process,
            new Uri(line?[Announcement.Length..] ?? throw new InvalidOperationException("The server did not start."))
        );
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        await server.ReadyAsync(http);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadyAsync(HttpClient http)
    {
        while (true)
        {
            using var answer = await http.GetAsync(new Uri(Address, "/readyz"));
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            var health = await http.GetStringAsync(new Uri(Address, "/health-check"));
            if (health.Contains("SETUP_FAILED", StringComparison.Ordinal))
            {
                throw new InvalidOperationException(health);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
