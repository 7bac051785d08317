using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Leyden.Local.Tests.Infrastructure;

/// <summary>The built <c>leyden</c> as a process of its own.</summary>
internal sealed partial class LeydenProcess : IAsyncDisposable
{
    /// <summary>Generous: the machine may be busy with other things.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Ours = ["LEYDEN", "EACHLABS", "LOGGING", "OTEL"];
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errorLines = [];
    private readonly ConcurrentQueue<string> _outLines = [];

    private LeydenProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, e) => Add(_outLines, e.Data);
        _process.ErrorDataReceived += (_, e) => Add(_errorLines, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    public bool HasExited => _process.HasExited;

    private string Transcript => string.Join('\n', _outLines.Concat(_errorLines));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static LeydenProcess Start(LeydenHome home, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = home.Pictures,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "leyden.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in home.Environment)
        {
            start.Environment[name] = value;
        }

        return new LeydenProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits for the process to end by itself.</summary>
    public async Task<Finished> FinishAsync()
    {
        try
        {
            await _process.WaitForExitAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"leyden did not end:\n{Transcript}");
        }

        return new Finished(_process.ExitCode, [.. _outLines], [.. _errorLines]);
    }

    /// <summary>Waits until a line with a text has been printed, on either stream.</summary>
    public async Task<string> SeeAsync(string text)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (
                _outLines.Concat(_errorLines).FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal)) is
                { } line
            )
            {
                return line;
            }

            var isLate = TimeProvider.System.GetElapsedTime(start) > Patience;
            Assert.False(isLate || HasExited, $"leyden did not say '{text}':\n{Transcript}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Sends what Ctrl+C sends.</summary>
    public void Interrupt() => Assert.Equal(0, Signal(_process.Id, 2));

    /// <summary>Sends the signal that ends services.</summary>
    public void Terminate() => Assert.Equal(0, Signal(_process.Id, 15));

    /// <summary>Kills it without warning.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
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

    private static bool IsOurs(string name) => Ours.Any(o => name.StartsWith(o, StringComparison.OrdinalIgnoreCase));

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}

/// <summary>A process that has ended.</summary>
internal sealed record Finished(int ExitCode, IReadOnlyList<string> Out, IReadOnlyList<string> Error)
{
    /// <summary>The object on the last line of standard output.</summary>
    public JsonObject Json => JsonNode.Parse(Out[^1])!.AsObject();

    public string ErrorText => string.Join('\n', Error);

    /// <summary>Fails the test with all that was printed when the exit code is another.</summary>
    public Finished Ended(int exitCode)
    {
        Assert.True(
            ExitCode == exitCode,
            $"Exit code {ExitCode}, not {exitCode}:\n{string.Join('\n', Out.Concat(Error))}"
        );
        return this;
    }
}
