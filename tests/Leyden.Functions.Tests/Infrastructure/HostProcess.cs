using System.Collections.Concurrent;
using System.Diagnostics;

namespace Leyden.Functions.Tests.Infrastructure;

/// <summary>The test host as a process of its own, which can be killed.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string Ready = "FunctionsHost on ";
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        _process = process;
        _process.EnableRaisingEvents = true;
        _process.OutputDataReceived += (_, e) => Read(e.Data);
        _process.ErrorDataReceived += (_, e) => Read(e.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException("The host ended."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Transcript => string.Join('\n', _lines);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static HostProcess Start(IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "FunctionsHost.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var name in start
                .Environment.Keys.Where(n => n.StartsWith("Leyden", StringComparison.OrdinalIgnoreCase))
                .ToList()
        )
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits until the host serves.</summary>
    public async Task<ApiCaller> ServeAsync()
    {
        try
        {
            return new ApiCaller(await _ready.Task.WaitAsync(ApiCaller.Patience, TimeProvider.System, Cancellation));
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            Assert.Fail($"The host did not get ready:\n{Transcript}");
            throw;
        }
    }

    /// <summary>Waits until the host has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(Cancellation).WaitAsync(ApiCaller.Patience, TimeProvider.System, Cancellation);
        return _process.ExitCode;
    }

    /// <summary>Kills it without warning.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Cancellation).WaitAsync(ApiCaller.Patience, TimeProvider.System, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (line.StartsWith(Ready, StringComparison.Ordinal))
        {
            _ready.TrySetResult(new Uri(line[Ready.Length..]));
        }
    }
}
