using System.Diagnostics;
using System.Globalization;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

/// <summary>A folder that processes share, and what is left of one that was killed.</summary>
public sealed class FolderProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _processes = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            // Still running only when the test failed.
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit(Patience);
            }

            process.Dispose();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Processes_increment_one_counter_without_loss()
    {
        const int Times = 100;
        using var store = new FolderObjectStore(_folder.Path, signer: null, TimeProvider.System);
        await store.PutTextAsync("counter.json", "0");
        var one = Start("increment", _folder.Path, "counter.json", $"{Times}");
        var other = Start("increment", _folder.Path, "counter.json", $"{Times}");

        await store.IncrementAsync("counter.json", Times);
        foreach (var process in new[] { one, other })
        {
            await process.WaitForExitAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
            Assert.Equal(0, process.ExitCode);
        }

        Assert.Equal($"{3 * Times}", await store.GetTextAsync("counter.json"));
    }

    [Fact]
    public async Task A_killed_writer_leaves_whole_objects_and_nothing_else()
    {
        using var store = new FolderObjectStore(_folder.Path, signer: null, TimeProvider.System);
        for (var kill = 0; kill < 6; kill++)
        {
            var writer = Start("churn", _folder.Path);
            // Another moment of the write loop each time: the sizes go up with the number.
            for (var line = 0; line < 50 + kill * 31; line++)
            {
                Assert.NotNull(await writer.StandardOutput.ReadLineAsync(Cancellation));
            }

            writer.Kill();
            await writer.WaitForExitAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
            await AssertWholeAsync(store);
        }

        Assert.NotEmpty(await store.AllKeysAsync("", 100));
        using var next = new FolderObjectStore(_folder.Path, signer: null, TimeProvider.System);
        await next.PutTextAsync("a/b.json", "{}");
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_folder.Path, ".store", "temporary")));
    }

    private static async Task AssertWholeAsync(FolderObjectStore store)
    {
        foreach (var key in await store.AllKeysAsync("", 100))
        {
            await using var read = await store.GetAsync(new(key), Cancellation);
            Assert.NotNull(read);
            var lines = (await read.ReadTextAsync()).TrimEnd('\n').Split('\n');
            var number = int.Parse(lines[0], CultureInfo.InvariantCulture);
            Assert.Equal(1 + number % 20_000, lines.Length);
            Assert.All(lines, line => Assert.Equal(lines[0], line));
            Assert.Equal($"text/x-{number}", read.ContentType);
        }
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "FolderWriter.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }
}
