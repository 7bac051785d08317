using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>A <c>leyden serve</c> in a process and a data folder of its own, against an emulator.</summary>
internal sealed class LeydenServer : IAsyncDisposable
{
    /// <summary>In a setting's place: the address that the server gets.</summary>
    public const string OwnAddress = "(own address)";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly DirectoryInfo _data;

    private LeydenServer(Process process, DirectoryInfo data, Uri address)
    {
        _process = process;
        _data = data;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What it has in memory now, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The most that it has ever had in memory, in bytes.</summary>
    public long PeakWorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="emulator">What it takes for Eachlabs.</param>
    /// <param name="http">To ask whether it is ready.</param>
    /// <param name="settings">Further settings, as environment variables.</param>
    public static async Task<LeydenServer> StartAsync(
        EachlabsEmulator emulator,
        HttpClient http,
        params (string Name, string Value)[] settings
    )
    {
        var data = Directory.CreateTempSubdirectory("leyden-benchmark-");
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var assembly = Path.Combine(AppContext.BaseDirectory, "leyden.dll");
        var start = new ProcessStartInfo(
            "dotnet",
            [assembly, "serve", "--urls", address.AbsoluteUri, "--data", data.FullName]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Leyden__Eachlabs__BaseUrl"] = emulator.BaseUrl.ToString();
        start.Environment["Leyden__Eachlabs__ApiKey"] = "benchmark";
        start.Environment["Leyden__AllowLoopback"] = "true";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value == OwnAddress ? address.AbsoluteUri : value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new LeydenServer(process, data, address);
        await server.ReadyAsync(http);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ReadyAsync(HttpClient http)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < StartTimeout && !_process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "readyz"));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new InvalidOperationException("leyden serve did not get ready.");
    }
}
