using System.ComponentModel;
using System.Diagnostics;

namespace Leyden.Conformance;

/// <summary>Python programs.</summary>
internal static class Python
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Whether Python and a package are installed; under <c>CI=true</c> they must be.</summary>
    public static async Task<bool> HasAsync(string package)
    {
        var (isThere, output) = await RunAsync([], "-c", $"import {package}");
        Assert.True(isThere || Environment.GetEnvironmentVariable("CI") != "true", output);
        return isThere;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Whether it succeeded, and what it printed.</returns>
    public static async Task<(bool Succeeded, string Output)> RunAsync(
        Dictionary<string, string> environment,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo("python3", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var python = Process.Start(start)!;
            var output = python.StandardOutput.ReadToEndAsync(Stop);
            var error = python.StandardError.ReadToEndAsync(Stop);
            await python.WaitForExitAsync(Stop).WaitAsync(Caller.Patience, TimeProvider.System, Stop);
            return (python.ExitCode == 0, await output + await error);
        }
        catch (Win32Exception missing)
        {
            return (false, missing.Message);
        }
    }
}
