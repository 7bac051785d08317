using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Conformance.Hosts;

/// <summary>A host as a process of its own, which knows nothing of this machine's settings but what it is given.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    /// <summary>Generous: the machine may be busy with other things.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);
    private static readonly string[] OfTheMachine = ["LEYDEN", "EACHLABS", "LOGGING", "OTEL", "AZURE", "ASPNETCORE"];

    private const int KeptLines = 500;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Process _process;

    private HostProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    /// <summary>Starts a host beside an emulator of its own and waits until it listens.</summary>
    /// <param name="assembly">The path of the host's <c>.dll</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="settings">Its environment variables beside those that every host gets.</param>
    /// <param name="limits">The limits of its backend.</param>
    /// <param name="address">The line that it prints when it listens, with its address as the group <c>url</c>.</param>
    /// <param name="owned">What ends after it; also when it fails to start.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RunningHost> ServeAsync(
        string assembly,
        IEnumerable<string> arguments,
        IReadOnlyCollection<KeyValuePair<string, string>> settings,
        BackendLimits limits,
        Regex address,
        IReadOnlyList<IAsyncDisposable> owned,
        CancellationToken cancellationToken
    )
    {
        var all = new List<IAsyncDisposable>(owned);
        try
        {
            var emulator = await EachlabsEmulator.StartAsync(HostSettings.Emulator(limits), cancellationToken);
            all.Add(emulator);
            var process = Start(assembly, arguments, HostSettings.For(emulator.BaseUrl, limits).Concat(settings));
            all.Add(process);
            var url = new Uri(address.Match(await process.SeeAsync(address, cancellationToken)).Groups["url"].Value);
            return new RunningHost(new Target(url, HostSettings.AliceKey, HostSettings.BobKey, emulator.BaseUrl), all);
        }
        catch
        {
            foreach (var one in Enumerable.Reverse(all))
            {
                await one.DisposeAsync();
            }

            throw;
        }
    }

    private static HostProcess Start(
        string assembly,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>> settings
    )
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOfTheMachine).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits for a line on either stream.</summary>
    /// <exception cref="InvalidOperationException">The process ended, or three minutes passed, without it.</exception>
    private async Task<string> SeeAsync(Regex line, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (_lines.FirstOrDefault(line.IsMatch) is { } seen)
            {
                return seen;
            }

            if (_process.HasExited || TimeProvider.System.GetElapsedTime(start) > StartTimeout)
            {
                throw new InvalidOperationException(
                    $"The host did not start as expected ({line}):\n{string.Join('\n', _lines)}"
                );
            }

            await Task.Delay(Glance, TimeProvider.System, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static bool IsOfTheMachine(string name) =>
        OfTheMachine.Any(ours => name.StartsWith(ours, StringComparison.OrdinalIgnoreCase));

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            while (_lines.Count > KeptLines && _lines.TryDequeue(out _)) { }
        }
    }
}
