using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary><c>leyden batch</c> and <c>leyden batches</c>.</summary>
public sealed class BatchTests : IAsyncDisposable
{
    private const int Count = 25;
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Each_line_becomes_a_picture_and_a_second_run_only_writes_what_is_missing()
    {
        await using var emulator = await StartAsync();
        var file = await WriteAsync("prompts.txt", Enumerable.Range(0, 3).Select(i => $"number \"{i}\"").Append(""));

        var first = (await _home.RunAsync("batch", file, "--out", "drawn")).Ended(0);
        File.Delete(Path.Combine(_home.Pictures, first.Out[1]));
        var second = (await _home.RunAsync("batch", file, "--out", "drawn")).Ended(0);

        Assert.Equal(3, first.Out.Count);
        Assert.All(first.Out, (path, i) => Assert.EndsWith($"-0000{i}-1.png", path, StringComparison.Ordinal));
        Assert.All(first.Out, path => Assert.True(File.Exists(Path.Combine(_home.Pictures, path)), path));
        Assert.Equal(first.Out, second.Out);
        Assert.Equal(3, emulator.Counts.CreatesBilled);
        Assert.Equal(["number \"0\"", "number \"1\"", "number \"2\""], emulator.Counts.BilledByPrompt.Keys.Order());
    }

    [Fact]
    public async Task Batches_are_listed_shown_and_deleted()
    {
        await using var emulator = await StartAsync();
        var json = (await _home.RunAsync("batch", await LinesAsync(2), "--json")).Ended(0).Json;
        var id = (string)json["id"]!;

        var listed = (await _home.RunAsync("batches", "list")).Ended(0);
        var shown = (await _home.RunAsync("batches", "show", id)).Ended(0);
        var late = (await _home.RunAsync("batches", "cancel", id)).Ended(1);
        await _home.RunAsync("batches", "delete", id);
        var gone = (await _home.RunAsync("batches", "show", id)).Ended(1);

        Assert.Equal("completed", (string?)json["status"]);
        Assert.Equal(2, (int)json["pictures"]!);
        Assert.StartsWith($"{id}\tcompleted\t", Assert.Single(listed.Out), StringComparison.Ordinal);
        Assert.StartsWith("1\tsucceeded\t", shown.Out[2], StringComparison.Ordinal);
        Assert.Contains("too late", late.ErrorText, StringComparison.Ordinal);
        Assert.Contains($"no batch {id}", gone.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_faulty_line_starts_nothing_and_is_named()
    {
        await using var emulator = await StartAsync();
        var file = await WriteAsync("faulty.jsonl", ["""{"prompt":"a cat"}""", """{"prompt":"a dog","width":7}"""]);

        var run = (await _home.RunAsync("batch", file)).Ended(2);
        var empty = (await _home.RunAsync("batch", "-")).Ended(2);
        var missing = (await _home.RunAsync("batch", "missing.txt")).Ended(2);

        Assert.Contains("line 2: width is 7", run.ErrorText, StringComparison.Ordinal);
        Assert.Contains("The batch is empty", empty.ErrorText, StringComparison.Ordinal);
        Assert.Contains("missing.txt", missing.ErrorText, StringComparison.Ordinal);
        Assert.Equal(0, emulator.Counts.CreatesReceived);
    }

    [Fact]
    public async Task A_server_that_owns_the_folder_runs_the_batch()
    {
        await using var emulator = await StartAsync();
        using var server = await LeydenServer.StartAsync(_home);

        var run = (await _home.RunAsync("batch", await LinesAsync(Count), "--json")).Ended(0);

        Assert.Equal(Count, (int)run.Json["counts"]!["succeeded"]!);
        Assert.Equal(Count, _home.PictureFiles.Count(f => f.EndsWith("-1.png", StringComparison.Ordinal)));
        var batch = JsonNode.Parse(await server.Http.GetStringAsync($"v1/batches/{run.Json["id"]}", Cancellation));
        Assert.Equal("completed", (string?)batch!["status"]);
    }

    [Fact]
    public async Task Killed_and_started_again_it_goes_on_with_the_same_batch()
    {
        await using var emulator = await StartAsync();
        emulator.Options.RunTime = TimeSpan.FromMilliseconds(300);
        _home.Environment["Leyden__Eachlabs__MaxConcurrent"] = "4";
        var file = await LinesAsync(Count);
        var killed = _home.Start("batch", file);
        await emulator.BilledAsync(Count / 3);
        await killed.KillAsync();

        var json = (await _home.RunAsync("batch", file, "--json")).Json;

        // Unknown can only be what was on its way to the backend at the kill.
        var failed = (int)json["counts"]!["failed"]!;
        Assert.InRange(failed, 0, 4);
        Assert.Equal(Count - failed, (int)json["counts"]!["succeeded"]!);
        Assert.All(emulator.Counts.BilledByPrompt, p => Assert.Equal(1, p.Value));
        Assert.Equal(Count - failed, _home.PictureFiles.Count(f => f.EndsWith("-1.png", StringComparison.Ordinal)));
        Assert.Single((await _home.RunAsync("batches", "list")).Ended(0).Out);
    }

    [Fact]
    public async Task Ctrl_C_cancels_what_is_under_way_and_starts_nothing_further()
    {
        await using var emulator = await StartAsync();
        emulator.Options.RunTime = TimeSpan.FromMinutes(5);
        _home.Environment["Leyden__Batches__MaxConcurrent"] = "20";
        var run = _home.Start("batch", await LinesAsync(Count), "--json");
        await emulator.BilledAsync(5);

        run.Interrupt();
        var ended = (await run.FinishAsync()).Ended(130);

        Assert.Equal("canceled", (string?)ended.Json["status"]);
        Assert.Equal(Count, (int)ended.Json["counts"]!["canceled"]!);
        Assert.InRange(emulator.Counts.CreatesBilled, 5, 20);
    }

    private async Task<EachlabsEmulator> StartAsync()
    {
        var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = TimeSpan.FromMilliseconds(50),
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
            },
            Cancellation
        );
        _home.Use(emulator);
        _home.Environment["Leyden__Eachlabs__RequestsPerMinute"] = "100000";
        _home.Environment["Leyden__Eachlabs__CreateTimeout"] = "00:00:03";
        return emulator;
    }

    private Task<string> LinesAsync(int count) =>
        WriteAsync(
            "lines.jsonl",
            Enumerable.Range(0, count).Select(i => $$"""{"prompt":"number {{i}}","width":256,"height":256}""")
        );

    private async Task<string> WriteAsync(string name, IEnumerable<string> lines)
    {
        await File.WriteAllLinesAsync(Path.Combine(_home.Pictures, name), lines, Cancellation);
        return name;
    }
}
