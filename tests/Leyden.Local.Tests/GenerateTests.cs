using System.Globalization;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Generating;
using Leyden.Local.Tests.Infrastructure;
using Leyden.Predictions;

namespace Leyden.Local.Tests;

/// <summary><c>leyden generate</c> as somebody who types it meets it.</summary>
public sealed class GenerateTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task A_prompt_becomes_a_picture_of_the_size_asked_for()
    {
        var run = await _home.RunAsync(
            "generate",
            "A superhero smiling",
            "--width",
            "512",
            "--height",
            "264",
            "--seed",
            "7"
        );

        run.Ended(0);
        var columns = Assert.Single(run.Out).Split('\t');
        Assert.Equal("7", columns[1]);
        Assert.True(double.Parse(columns[2], CultureInfo.InvariantCulture) > 0);
        Assert.Equal(Path.GetFullPath(columns[0], _home.Pictures), Assert.Single(_home.PictureFiles));
        Assert.Matches(@"leyden-[0-9a-z]{8}-1\.png$", columns[0]);
        Assert.Equal((512, 264), PngHeader.Read(_home.PictureFiles[0]));
        Assert.Contains("knows coloured shapes only", run.ErrorText, StringComparison.Ordinal);
        Assert.Contains("done", run.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_one_object_on_the_last_line()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromMilliseconds(50));

        var run = await _home.RunAsync([
            "generate",
            "two and two",
            "--count",
            "2",
            "--num-outputs",
            "2",
            "--seed",
            "4294967295",
            "--out",
            "deep/er",
            "--json",
        ]);

        run.Ended(0);
        Assert.Single(run.Out);
        Assert.Equal("succeeded", (string?)run.Json["status"]);
        var predictions = run.Json["predictions"]!.AsArray();
        Assert.Equal([uint.MaxValue, 0], predictions.Select(p => (uint)p!["seed"]!));
        var files = predictions.SelectMany(p => p!["outputs"]!.AsArray()).Select(o => (string)o!).ToList();
        Assert.Equal(4, files.Distinct().Count());
        Assert.All(files, file => Assert.Equal((1024, 1024), PngHeader.Read(file)));
        Assert.All(
            files,
            file => Assert.StartsWith(Path.Combine(_home.Pictures, "deep", "er"), file, StringComparison.Ordinal)
        );
        Assert.All(predictions, p => Assert.True((double)p!["seconds"]! > 0 && (decimal)p["cost"]! > 0));
        Assert.All(predictions, p => Assert.Equal("eachlabs", (string?)p!["backend"]));
        Assert.DoesNotContain("shapes", run.ErrorText, StringComparison.Ordinal);
        Assert.Equal(2, emulator.Counts.CreatesBilled);
    }

    [Fact]
    public async Task A_picture_never_replaces_a_file()
    {
        var folder = PictureFolder.Open(_home.Pictures, [])!;
        var id = PredictionId.New(TimeProvider.System.GetUtcNow(), Randomness.Create());

        var first = await folder.WriteAsync(id, 1, ".png", new MemoryStream([1]), Cancellation);
        var second = await folder.WriteAsync(id, 1, ".png", new MemoryStream([2]), Cancellation);

        Assert.NotEqual(first, second);
        Assert.Equal([first, second], _home.PictureFiles.OrderBy(f => f.Length));
        Assert.Equal([1], await File.ReadAllBytesAsync(first, Cancellation));
    }

    [Fact]
    public async Task All_faults_of_the_command_line_are_told_at_once_and_nothing_is_done()
    {
        string[] inputs = ["--width", "1001", "--num-outputs", "many", "--scheduler", "EULER", "--seed", "-1"];
        string[] others = ["--count", "0", "--deadline", "soon", "--input-json", "{\"colour\":1}", "--json"];

        var run = await _home.RunAsync(["generate", " ", .. inputs, .. others]);

        run.Ended(2);
        Assert.Equal("invalid", (string?)run.Json["status"]);
        string[] expected =
        [
            "prompt is missing or blank",
            "--width is 1001; it must be a multiple of 8 from 256 to 1280",
            "--num-outputs is \"many\"",
            "--scheduler is \"EULER\"",
            "--seed is -1",
            "--count is 0",
            "--deadline is soon",
            "--input-json: colour is not known here",
        ];
        Assert.All(expected, words => Assert.Contains(words, run.ErrorText, StringComparison.Ordinal));
        Assert.Equal(expected.Length, run.Json["errors"]!.AsArray().Count);
        Assert.False(Directory.Exists(_home.Data));
        Assert.Empty(_home.PictureFiles);
    }

    [Theory]
    [InlineData("generate", "a fox", "--wdth", "512")]
    [InlineData("generate", "a fox", "--backend", "nobody")]
    [InlineData("generate", "a fox", "--input-json", "{")]
    [InlineData("generate", "a fox", "--out", "/proc/none")]
    [InlineData("generate", "--width", "512")]
    [InlineData("frobnicate")]
    public async Task A_wrong_command_line_ends_with_2(params string[] arguments)
    {
        var run = await _home.RunAsync(arguments);

        run.Ended(2);
        Assert.Empty(run.Out);
        Assert.All(run.Error.SkipLast(1), line => Assert.StartsWith("leyden: ", line, StringComparison.Ordinal));
        Assert.Matches("^See leyden.* --help\\.$", run.Error[^1]);
    }

    [Theory]
    [InlineData("Leyden__Backend", "container", "container")]
    [InlineData("Leyden__Backend", "elsewhere", "Leyden:Backend")]
    [InlineData("Leyden__Eachlabs__MaxConcurrent", "few", "Leyden:Eachlabs:MaxConcurrent")]
    [InlineData("Leyden__Predictions__MaxDeadline", "long", "Leyden:Predictions:MaxDeadline")]
    [InlineData("Leyden__Predictions__Retention", "00:00:01", "Leyden:Predictions:Retention")]
    [InlineData("Leyden__Eachlabs__BaseUrl", "ftp://x", "Leyden:Eachlabs:BaseUrl")]
    public async Task A_wrong_setting_ends_with_3_and_one_line_that_names_it(string name, string value, string named)
    {
        _home.Environment[name] = value;

        var run = await _home.RunAsync("generate", "a fox");

        run.Ended(3);
        Assert.Contains(named, Assert.Single(run.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_settings_file_is_read_and_its_faults_are_named()
    {
        Directory.CreateDirectory(_home.Data);
        var file = Path.Combine(_home.Data, "leyden.json");
        await File.WriteAllTextAsync(file, """{"Leyden":{"Backend":"container"}}""", Cancellation);
        Assert.Contains(
            "container",
            (await _home.RunAsync("generate", "a fox")).Ended(3).ErrorText,
            StringComparison.Ordinal
        );

        await File.WriteAllTextAsync(file, "{", Cancellation);
        Assert.Contains(
            file,
            Assert.Single((await _home.RunAsync("generate", "a fox")).Ended(3).Error),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_failed_prediction_ends_with_1_and_tells_why()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromMilliseconds(50));

        var prompt = $"a fox {EachlabsFaults.Marker(EachlabsFault.CreatePaymentRequired)}";
        var run = await _home.RunAsync("generate", prompt, "--json");

        run.Ended(1);
        Assert.Equal("failed", (string?)run.Json["status"]);
        var prediction = run.Json["predictions"]![0]!;
        Assert.Equal("failed", (string?)prediction["status"]);
        Assert.Equal(FailureCodes.BackendRejected, (string?)prediction["error"]!["code"]);
        Assert.Contains(FailureCodes.BackendRejected, run.ErrorText, StringComparison.Ordinal);
        Assert.Empty(_home.PictureFiles);
    }

    [Fact]
    public async Task A_deadline_ends_a_prediction_that_never_finishes()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));

        var run = await _home.RunAsync("generate", "a fox", "--deadline", "5s", "--json");

        run.Ended(1);
        Assert.Equal(FailureCodes.DeadlineExceeded, (string?)run.Json["predictions"]![0]!["error"]!["code"]);
        Assert.Equal(1, emulator.Counts.Cancels);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signal_cancels_the_predictions(bool byKeyboard)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send.");
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));
        var process = _home.Start("generate", "a fox", "--count", "2", "--json");
        await process.SeeAsync("1 of 2, ");
        await process.SeeAsync(": running");

        if (byKeyboard)
        {
            process.Interrupt();
        }
        else
        {
            process.Terminate();
        }

        var run = (await process.FinishAsync()).Ended(130);
        Assert.Equal("canceled", (string?)run.Json["status"]);
        Assert.All(run.Json["predictions"]!.AsArray(), p => Assert.Equal("canceled", (string?)p!["status"]));
        Assert.Equal(emulator.Counts.CreatesBilled, emulator.Counts.Cancels);
    }

    [Fact]
    public async Task A_second_signal_leaves_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send.");
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));
        emulator.Faults.SetEverywhere(EachlabsFault.CancelIgnored);
        var process = _home.Start("generate", "a fox", "--json");
        await process.SeeAsync(": running");

        process.Interrupt();
        await process.SeeAsync("Canceling");
        process.Interrupt();

        Assert.Empty((await process.FinishAsync()).Ended(130).Out);
    }

    [Fact]
    public async Task While_a_server_owns_the_data_folder_predictions_run_there()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromMilliseconds(200));
        using var server = await LeydenServer.StartAsync(_home);

        var run = await _home.RunAsync("generate", "a fox", "--seed", "9", "--num-outputs", "2", "--json");

        run.Ended(0);
        var prediction = run.Json["predictions"]![0]!;
        Assert.Equal(9u, (uint)prediction["seed"]!);
        Assert.Equal(2, prediction["outputs"]!.AsArray().Count);
        Assert.Equal("success", (string?)(await server.GetAsync((string)prediction["id"]!))["status"]);

        var invalid = await _home.RunAsync("generate", "a fox", "--backend", "nobody");
        Assert.StartsWith("leyden: --backend is \"nobody\"", invalid.Ended(2).Error[0], StringComparison.Ordinal);
    }

    private async Task<EachlabsEmulator> EmulatorAsync(TimeSpan runTime)
    {
        var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = runTime },
            Cancellation
        );
        _home.Use(emulator);
        return emulator;
    }
}
