using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;
using Leyden.Predictions;

namespace Leyden.Local.Tests;

/// <summary>
/// Kills <c>leyden serve</c> without warning while a hundred predictions are in flight, again and again: none may be lost, none
/// billed twice. The emulator that counts lives in this process and survives. <c>LEYDEN_CRASH_KILLS</c> sets how many kills.
/// </summary>
public sealed class CrashTests : IAsyncDisposable
{
    private const int InFlight = 100;
    private const int Outputs = 2;
    private const int MaxConcurrent = 20;
    private readonly LeydenHome _home = new();

    /// <summary>By prompt; the value is null while no answer to its creation has come.</summary>
    private readonly Dictionary<string, string?> _ids = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("LEYDEN_CRASH_KILLS"), out var kills) ? kills : 5;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Killed_again_and_again_no_prediction_is_lost_and_none_billed_twice()
    {
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = TimeSpan.FromMilliseconds(700),
                RunTimeJitter = 0.8,
                RequestsPerMinute = 0,
                MaxConcurrent = 0, // a run whose answer a kill has lost still occupies the emulator
            },
            Cancellation
        );
        _home.Use(emulator);
        _home.Environment["Leyden__Eachlabs__RequestsPerMinute"] = "100000";
        _home.Environment["Leyden__Eachlabs__MaxConcurrent"] = $"{MaxConcurrent}";
        _home.Environment["Leyden__Eachlabs__CreateTimeout"] = "00:00:03";

        var random = Randomness.Create();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var server = await LeydenServer.StartAsync(_home);
            var topUp = TopUpAsync(server, emulator);
            if (kill == 0)
            {
                await topUp; // the later ones may be killed while they ask
            }

            var moment = TimeSpan.FromMilliseconds(random.Next(50, 4000));
            await Task.Delay(moment, TimeProvider.System, Cancellation);
            await server.Process.KillAsync();
            await topUp;
        }

        using var last = await LeydenServer.StartAsync(_home);
        foreach (var prompt in _ids.Where(p => p.Value is null).Select(p => p.Key).ToList())
        {
            _ids[prompt] = await last.CreateAsync(prompt, idempotencyKey: prompt, Outputs);
        }

        var ended = new List<JsonObject>();
        foreach (var id in _ids.Values)
        {
            ended.Add(await last.EndAsync(id!, TimeSpan.FromMinutes(5)));
        }

        Check(ended, emulator.Counts);
        await NothingIsOpenAsync();
    }

    /// <summary>Keeps a hundred predictions unfinished until the server dies.</summary>
    private async Task TopUpAsync(LeydenServer server, EachlabsEmulator emulator)
    {
        // Those whose creation a kill cut short are asked for again, under the same key.
        var again = _ids.Where(p => p.Value is null).Select(p => p.Key);
        var fresh = Enumerable
            .Range(_ids.Count, Math.Max(0, InFlight + emulator.Counts.CreatesBilled - _ids.Count))
            .Select(number => $"prompt {number.ToString("0000", CultureInfo.InvariantCulture)}");
        foreach (var prompt in again.Concat(fresh).ToList())
        {
            _ids[prompt] = null;
            _ids[prompt] = await server.CreateAsync(prompt, idempotencyKey: prompt, Outputs);
            if (_ids[prompt] is null)
            {
                return;
            }
        }
    }

    private void Check(List<JsonObject> ended, EachlabsCounts counts)
    {
        var succeeded = ended.Where(p => (string?)p["status"] == "success").ToList();
        var others = ended.Except(succeeded).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Kills} kills, {ended.Count} predictions: {succeeded.Count} succeeded, {others.Count} failed as submission_unknown; "
                + $"{counts.CreatesBilled} creates billed."
        );

        Assert.Equal(_ids.Count, ended.Select(p => (string)p["id"]!).Distinct().Count());
        Assert.All(others, p => Assert.Equal(FailureCodes.SubmissionUnknown, (string?)p["error_code"]));
        // Unknown can only be what was on its way to the backend at a kill.
        Assert.InRange(others.Count, 0, Kills * MaxConcurrent);
        Assert.All(counts.BilledByPrompt, p => Assert.True(p.Value == 1, $"{p.Key} was billed {p.Value} times."));
        Assert.All(succeeded, p => Assert.Contains((string)p["input"]!["prompt"]!, counts.BilledByPrompt));
        Assert.All(succeeded, p => Assert.Equal(Outputs, p["output"]!.AsArray().Count));

        var stored = Directory.EnumerateFiles(
            Path.Combine(_home.Data, "objects", "outputs"),
            "*.png",
            SearchOption.AllDirectories
        );
        var byPrediction = stored.CountBy(file => Path.GetFileName(Path.GetDirectoryName(file)!)).ToDictionary();
        Assert.Equal(succeeded.Select(p => (string)p["id"]!).Order(), byPrediction.Keys.Order());
        Assert.All(byPrediction.Values, count => Assert.Equal(Outputs, count));
    }

    /// <summary>Waits until no prediction counts as unfinished: the mark goes away a moment after the end is recorded.</summary>
    private async Task NothingIsOpenAsync()
    {
        var open = new DirectoryInfo(Path.Combine(_home.Data, "objects", "open"));
        var start = TimeProvider.System.GetTimestamp();
        while (open.Exists && open.EnumerateFiles("*", SearchOption.AllDirectories).FirstOrDefault() is { } left)
        {
            var isLate = TimeProvider.System.GetElapsedTime(start) > LeydenProcess.Patience;
            Assert.False(isLate, $"{left.Name} still counts as unfinished.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            open.Refresh();
        }
    }
}
