using System.Diagnostics;
using System.Globalization;
using DurableTask.Core;
using DurableTask.Core.Query;
using Newtonsoft.Json;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

/// <summary>
/// Kills a process that runs hundreds of orchestrations, with SIGKILL at random moments, over and over; then lets it finish and looks whether every
/// job that was ever acknowledged has ended, once, with the right result.
/// </summary>
/// <remarks>
/// <c>LEYDEN_CRASH_KILLS</c> sets how many kills (10 when unset), <c>LEYDEN_CRASH_SEED</c> repeats a printed seed. A seed repeats the
/// moments, not what the processes do in them.
/// </remarks>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int FirstJobs = 300;
    private const int JobsPerRun = 60;
    private const int EffectsPerJob = 6;
    private static readonly TimeSpan FinalPatience = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_acknowledged_orchestration_survives_kills_at_random_moments_with_its_right_result()
    {
        var kills = Setting("LEYDEN_CRASH_KILLS") ?? 10;
        var seed = Setting("LEYDEN_CRASH_SEED") ?? Environment.TickCount;
        output.WriteLine($"{kills} kills, seed {seed}");
#pragma warning disable RS0030 // The seed is printed, which is what the ban is for.
        var random = new Random(seed);
#pragma warning restore RS0030
        var folder = Directory.CreateTempSubdirectory("leyden-crash-");
        var jobs = FirstJobs;
        var hits = 0;
        for (var kill = 1; kill <= kills; kill++, jobs += JobsPerRun)
        {
            await RunAndKillAsync(folder.FullName, jobs, random);
            hits += CountSteps(folder.FullName) < jobs * EffectsPerJob ? 1 : 0;
        }

        output.WriteLine($"{hits} of {kills} kills fell while jobs were unfinished");
        Assert.InRange(hits, (kills + 1) / 2, kills);

        using var last = Start(folder.FullName, $"{jobs}");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(FinalPatience);
        await last.WaitForExitAsync(patience.Token);
        Assert.Equal(0, last.ExitCode);

        await CheckAsync(folder.FullName, jobs);
        output.WriteLine(
            $"{jobs} jobs right; {File.ReadLines(Path.Combine(folder.FullName, "effects.log")).Count() - (jobs * EffectsPerJob)} activities ran again"
        );
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_activity_that_kills_its_process_is_given_up_after_the_allowed_attempts()
    {
        const int attempts = 3;
        var folder = Directory.CreateTempSubdirectory("leyden-crash-");
        for (var death = 1; death <= attempts; death++)
        {
            using var process = Start(folder.FullName, "killer");
            await process.WaitForExitAsync(Cancel).WaitAsync(FinalPatience, Cancel);
            Assert.NotEqual(0, process.ExitCode);
        }

        using var survivor = Start(folder.FullName, "killer");
        var said = await survivor.StandardOutput.ReadToEndAsync(Cancel).WaitAsync(FinalPatience, Cancel);
        await survivor.WaitForExitAsync(Cancel);

        Assert.Equal(0, survivor.ExitCode);
        Assert.Contains($"handed out {attempts} times", said, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    /// <summary>
    /// Most kills fall into the work, at 0 to 900 ms after the process said that it is ready; every fifth into its start: recovery of the log, opening.
    /// </summary>
    private static async Task RunAndKillAsync(string folder, int jobs, Random random)
    {
        var duringStart = random.Next(5) == 0;
        var delay = TimeSpan.FromMilliseconds(duringStart ? random.Next(50, 500) : random.Next(0, 900));
        using var process = Start(folder, $"{jobs}");
        if (!duringStart)
        {
            Assert.Equal(
                "ready",
                await process.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(FinalPatience, Cancel)
            );
        }

        await Task.Delay(delay, TimeProvider.System, Cancel);
        // .NET sends SIGKILL on Unix and terminates the process on Windows: no handler runs.
        process.Kill();
        await process.WaitForExitAsync(Cancel);
    }

    /// <summary>How many different steps of jobs have been executed so far.</summary>
    private static int CountSteps(string folder) =>
        Path.Combine(folder, "effects.log") is var file && File.Exists(file)
            ? File.ReadLines(file)
                .Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)])
                .Distinct()
                .Count()
            : 0;

    private static async Task CheckAsync(string folder, int jobs)
    {
        var effects = File.ReadAllLines(Path.Combine(folder, "effects.log"));
        Assert.Equal(effects.Length, effects.Distinct().Count());
        var executed = effects.ToHashSet();
        Assert.Equal(
            Enumerable.Range(0, jobs),
            File.ReadAllLines(Path.Combine(folder, "started.log"))
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
                .Distinct()
                .Order()
        );

        await using var service = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = Path.Combine(folder, "engine.db") }
        );
        var states = await AllAsync(service);
        Assert.Equal(2 * jobs, states.Count);
        for (var number = 0; number < jobs; number++)
        {
            Assert.Equal(OrchestrationStatus.Completed, states[$"job-{number}-child"].OrchestrationStatus);
            var job = states[$"job-{number}"];
            Assert.True(
                job.OrchestrationStatus == OrchestrationStatus.Completed,
                $"job-{number} is {job.OrchestrationStatus}: {job.Output}"
            );
            var tokens = JsonConvert.DeserializeObject<List<string>>(job.Output)!;
            // Each step once, in order, and the event's payload in its place.
            Assert.Equal(
                [
                    $"job-{number}/first",
                    "event",
                    $"job-{number}/child-before",
                    $"job-{number}/child-after",
                    $"job-{number}/part-0",
                    $"job-{number}/part-1",
                    $"job-{number}/part-2",
                ],
                tokens.Select(token => token[..token.IndexOf(':', StringComparison.Ordinal)])
            );
            Assert.Equal($"event:{number}", tokens[1]);
            // Each result that counted belongs to an execution that happened.
            Assert.All(tokens.Where((_, i) => i != 1), token => Assert.Contains(token, executed));
        }

        using var session = SqliteSession.Open(
            Path.Combine(folder, "engine.db"),
            SqliteSynchronous.Normal,
            readOnly: true
        );
        Assert.Equal("ok", session.First("PRAGMA integrity_check", row => row.GetString(0)));
        Assert.Equal(0, session.Scalar("SELECT COUNT(*) FROM inbox"));
        Assert.Equal(0, session.Scalar("SELECT COUNT(*) FROM activities"));
    }

    private static async Task<Dictionary<string, OrchestrationState>> AllAsync(SqliteOrchestrationService service)
    {
        var all = new Dictionary<string, OrchestrationState>();
        var query = new OrchestrationQuery { PageSize = 1000 };
        do
        {
            var page = await service.GetOrchestrationWithQueryAsync(query, Cancel);
            foreach (var state in page.OrchestrationState)
            {
                all.Add(state.OrchestrationInstance.InstanceId, state);
            }

            query.ContinuationToken = page.ContinuationToken;
        } while (query.ContinuationToken is not null);

        return all;
    }

    private static Process Start(string folder, string work)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Leyden.CrashHarness.dll"));
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(work);
        return Process.Start(start)!;
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
