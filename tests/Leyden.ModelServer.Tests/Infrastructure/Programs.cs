using System.Diagnostics;
using System.Reflection;

namespace Leyden.ModelServer.Tests;

/// <summary>Runs programs and reads what they say.</summary>
internal static class Programs
{
    /// <summary>The built server's assembly.</summary>
    public static string Server { get; } =
        Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "leyden-model-server.dll");

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Code, string Out, string Error)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? folder = null,
        params (string Name, string Value)[] environment
    )
    {
        using var process = Start(program, arguments, folder, environment);
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(TestServer.Cancellation),
            process.StandardError.ReadToEndAsync(TestServer.Cancellation)
        );
        try
        {
            await process.WaitForExitAsync(TestServer.Cancellation);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Starts a program with its streams redirected.</summary>
    public static Process Start(
        string program,
        IEnumerable<string> arguments,
        string? folder = null,
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
