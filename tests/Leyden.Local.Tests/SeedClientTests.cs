using System.Diagnostics;
using System.Text.RegularExpressions;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary>The complete example of the Eachlabs documentation for this model, unchanged, against <c>leyden serve</c>.</summary>
public sealed partial class SeedClientTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task The_documented_python_client_gets_its_picture()
    {
        var (hasRequests, _) = await PythonAsync(null, "-c", "import requests");
        if (!hasRequests)
        {
            const string Reason = "python3 with the package requests is not installed.";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Fail(Reason);
        }

        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { StringsOnly = true, RunTime = TimeSpan.FromMilliseconds(300) },
            Cancellation
        );
        _home.Use(emulator);
        using var server = await LeydenServer.StartAsync(_home);

        var client = Path.Combine(AppContext.BaseDirectory, "clients", "seed_example.py");
        var (succeeded, output) = await PythonAsync(server.Url, client);

        Assert.True(succeeded, output);
        var url = OutputUrl().Match(output).Groups[1].Value;
        Assert.Equal((1024, 1024), PngHeader.Read(await server.Http.GetByteArrayAsync(url, Cancellation)));
        Assert.Contains("Processing time: 0.3", output, StringComparison.Ordinal);
        Assert.Equal(1, emulator.Counts.BilledByPrompt["A superhero smiling"]);
    }

    private static async Task<(bool Succeeded, string Output)> PythonAsync(Uri? server, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["EACHLABS_BASE_URL"] = server?.AbsoluteUri.TrimEnd('/');
        start.Environment["EACHLABS_API_KEY"] = "any";
        try
        {
            using var python = Process.Start(start)!;
            var output = python.StandardOutput.ReadToEndAsync(Cancellation);
            var error = python.StandardError.ReadToEndAsync(Cancellation);
            await python
                .WaitForExitAsync(Cancellation)
                .WaitAsync(LeydenProcess.Patience, TimeProvider.System, Cancellation);
            return (python.ExitCode == 0, await output + await error);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (false, e.Message);
        }
    }

    [GeneratedRegex(@"Output URL: (\S+)")]
    private static partial Regex OutputUrl();
}
