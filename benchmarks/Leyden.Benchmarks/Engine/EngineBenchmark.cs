using System.Diagnostics;
using System.Globalization;
using System.Text;
using DurableTask.Core;

namespace Leyden.Benchmarks.Engine;

/// <summary>Latency and throughput of every contender in one run, then start time and memory of the embedded engine with many instances.</summary>
internal static class EngineBenchmark
{
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(string[] options)
    {
        var quick = options.Contains("--quick");
        using var cancel = new CancellationTokenSource(TimeSpan.FromMinutes(60));
        var results = new List<Result>();
        foreach (var contender in Contender.All(quick).Where(c => Wanted(c, options)))
        {
            results.Add(await MeasureAsync(contender, cancel.Token));
            Console.WriteLine(results[^1]);
        }

        var starts = new List<StartResult>();
        if (!options.Contains("--no-start"))
        {
            starts.Add(await EngineStart.MeasureAsync(finished: 0, sleeping: 0, cancel.Token));
            var (finished, sleeping) = quick ? (10_000, 1_000) : (100_000, 10_000);
            starts.Add(await EngineStart.MeasureAsync(finished, sleeping, cancel.Token));
        }

        var body = Describe(results, starts);
        if (options.Length == 0)
        {
            await Report.WriteAsync("engine", "The embedded durable engine", body);
        }
        else
        {
            // A partial run is no figure to keep.
            Console.WriteLine(body);
        }

        return 0;
    }

    private static bool Wanted(Contender contender, string[] options) =>
        Array.IndexOf(options, "--only") is var i
        && (i < 0 || contender.Name.Contains(options[i + 1], StringComparison.OrdinalIgnoreCase));

    private static async Task<Result> MeasureAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using var engine = await contender.StartAsync(cancellationToken);
        // Long enough for the runtime to compile everything that matters at its highest tier.
        var warmUp = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warmUp) < WarmUp)
        {
            await OneAsync<ThreeActivities>(engine, contender.Polls, contender.Name, cancellationToken);
        }

        var latencies = await LatenciesAsync<ThreeActivities>(engine, contender, contender.Latency, cancellationToken);
        var working = await LatenciesAsync<ThreeSlowActivities>(
            engine,
            contender,
            Math.Max(10, contender.Latency / 5),
            cancellationToken
        );

        var rates = new List<double>();
        for (var round = 0; round < (contender.Polls ? 1 : Rounds); round++)
        {
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(
                Enumerable
                    .Range(0, contender.Throughput)
                    .Select(_ =>
                        Task.Run(
                            () => OneAsync<ThreeActivities>(engine, askOften: false, contender.Name, cancellationToken),
                            cancellationToken
                        )
                    )
            );
            rates.Add(contender.Throughput / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        rates.Sort();
        return new Result(
            contender,
            Percentile(latencies, 0.50),
            Percentile(latencies, 0.95),
            Percentile(working, 0.50),
            Percentile(working, 0.95),
            rates[rates.Count / 2]
        );
    }

    /// <summary>Runs one orchestration after the other; returns their milliseconds, ascending.</summary>
    private static async Task<List<double>> LatenciesAsync<T>(
        RunningEngine engine,
        Contender contender,
        int count,
        CancellationToken cancellationToken
    )
        where T : TaskOrchestration
    {
        var latencies = new List<double>();
        for (var i = 0; i < count; i++)
        {
            latencies.Add(await OneAsync<T>(engine, contender.Polls, contender.Name, cancellationToken));
        }

        latencies.Sort();
        return latencies;
    }

    /// <summary>Runs one orchestration and returns its milliseconds from the start call to the seen completion.</summary>
    private static async Task<double> OneAsync<T>(
        RunningEngine engine,
        bool askOften,
        string name,
        CancellationToken cancellationToken
    )
        where T : TaskOrchestration
    {
        var started = Stopwatch.GetTimestamp();
        var instance = await engine.Client.CreateOrchestrationInstanceAsync(typeof(T), 1);
        var state = askOften
            ? await PollAsync(engine, instance, cancellationToken)
            : await engine.Client.WaitForOrchestrationAsync(instance, Patience, cancellationToken);
        if (state is not { OrchestrationStatus: OrchestrationStatus.Completed, Output: "4" })
        {
            throw new InvalidOperationException(
                $"{name}: instance ended as {state?.OrchestrationStatus} with {state?.Output}."
            );
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<OrchestrationState?> PollAsync(
        RunningEngine engine,
        OrchestrationInstance instance,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var state = await engine.Client.GetOrchestrationStateAsync(instance.InstanceId);
            if (state?.OrchestrationStatus is OrchestrationStatus.Completed or OrchestrationStatus.Failed)
            {
                return state;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    private static double Percentile(List<double> sorted, double fraction) =>
        sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Count) - 1, 0, sorted.Count - 1)];

    private static string Describe(List<Result> results, List<StartResult> starts)
    {
        var text = new StringBuilder();
        text.AppendLine("## Latency and throughput");
        text.AppendLine();
        text.AppendLine(
            "One orchestration of three activities, from the start call to the completion seen by the caller, one at a time after a warm-up: with "
                + $"activities that do nothing, so that only the engine is measured, and with activities of {SlowAddOne.Milliseconds} ms. Then many at "
                + "once with activities that do nothing (median of three rounds; one round, with fewer instances, on Azurite). The client of Azure "
                + "Storage waits in steps of two seconds: for the latencies its state is asked for every 10 ms instead, for the throughput not, "
                + "since that would slow Azurite down."
        );
        text.AppendLine();
        text.AppendLine(
            $"| engine | an acknowledged step survives | p50 ms | p95 ms | {SlowAddOne.Milliseconds} ms activities: p50 ms | p95 ms | at once | finished per second |"
        );
        text.AppendLine("|---|---|--:|--:|--:|--:|--:|--:|");
        foreach (var result in results)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {result.Contender.Name} | {result.Contender.Survives} | {result.P50:0.00} | {result.P95:0.00} | {result.WorkingP50:0.0} | {result.WorkingP95:0.0} | {result.Contender.Throughput} | {result.PerSecond:0} |"
            );
        }

        text.AppendLine();
        foreach (var line in Ratios(results))
        {
            text.AppendLine(line);
        }

        text.AppendLine("## Start and memory");
        text.AppendLine();
        text.AppendLine(
            "A fresh process on a file with so many instances (synchronous=NORMAL): time from opening the file until the worker has started, then until a "
                + "new three-activity orchestration has finished; managed heap after a full collection and working set, at that point."
        );
        text.AppendLine();
        text.AppendLine(
            "| finished | sleeping on a timer | file MB | start ms | first result ms | heap MB | working set MB |"
        );
        text.AppendLine("|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var start in starts)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {start.Finished:N0} | {start.Sleeping:N0} | {start.FileMegabytes:0.0} | {start.StartMilliseconds:0} | {start.FirstResultMilliseconds:0} | {start.HeapMegabytes:0.0} | {start.WorkingSetMegabytes:0} |"
            );
        }

        return text.ToString();
    }

    /// <summary>The embedded engine at its default beside the ceiling and beside Azure Storage, when all of them ran.</summary>
    private static IEnumerable<string> Ratios(List<Result> results)
    {
        if (
            results.Find(result => result.Contender.Name.StartsWith("in memory", StringComparison.Ordinal))
                is not { } ceiling
            || results.Find(result => result.Contender.Name.EndsWith("NORMAL", StringComparison.Ordinal))
                is not { } engine
            || results.FindAll(result => result.Contender.Polls) is not { Count: > 0 } azurite
        )
        {
            yield break;
        }

        var fastest = azurite.Max(result => result.PerSecond);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"At NORMAL against in memory: {engine.P50 - ceiling.P50:0.00} ms more per orchestration, which is {engine.P50 / ceiling.P50:0.0} times as long when "
                + $"activities do nothing (eight durable steps against none) and {engine.WorkingP50 / ceiling.WorkingP50:0.00} times as long with activities of "
                + $"{SlowAddOne.Milliseconds} ms. Against the faster Azurite: {engine.PerSecond / fastest:0} times the throughput."
        );
        yield return "";
        yield return "NORMAL flushes the log to the disk at checkpoints only: what was acknowledged survives the death of the process, not a power loss. FULL "
            + "flushes it at each group commit: it survives both.";
        yield return "";
    }

    private sealed record Result(
        Contender Contender,
        double P50,
        double P95,
        double WorkingP50,
        double WorkingP95,
        double PerSecond
    )
    {
        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Contender.Name}: p50 {P50:0.00} ms, p95 {P95:0.00} ms, working {WorkingP50:0.0}/{WorkingP95:0.0} ms, {PerSecond:0}/s"
            );
    }
}
