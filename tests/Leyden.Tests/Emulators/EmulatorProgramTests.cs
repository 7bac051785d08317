using System.Diagnostics;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Tests.Emulators;

/// <summary>The emulator as a program of its own, which crash tests of the product use.</summary>
public sealed class EmulatorProgramTests
{
    [Theory]
    [InlineData("eachlabs")]
    [InlineData("cog")]
    public async Task It_takes_settings_and_tells_its_address(string which)
    {
        using var program = Start(which, "--RunTime", "00:00:00.010", "--urls", "http://127.0.0.1:0");
        try
        {
            var line = await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var url = new Uri(line!.Split(' ')[^1]);
            using var client = new HttpMessageInvoker(new SocketsHttpHandler());
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, "emulator/health"));
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.True(response.IsSuccessStatusCode);
        }
        finally
        {
            await KillAsync(program);
        }
    }

    [Theory]
    [InlineData("Usage:")]
    [InlineData("Usage:", "replicate")]
    [InlineData("RunTimes", "eachlabs", "--RunTimes", "00:00:01")]
    [InlineData("RunTime", "eachlabs", "--RunTime", "fast")]
    [InlineData("ftp://a", "eachlabs", "--urls", "ftp://a")]
    public async Task Wrong_arguments_are_explained(string words, params string[] arguments)
    {
        using var program = Start(arguments);
        try
        {
            var error = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await program.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Contains(words, error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.Equal(2, program.ExitCode);
        }
        finally
        {
            await KillAsync(program);
        }
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["exec", typeof(EachlabsEmulator).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";

    private static async Task KillAsync(Process program)
    {
        if (!program.HasExited)
        {
            program.Kill(entireProcessTree: true);
            await program.WaitForExitAsync(CancellationToken.None);
        }
    }
}
