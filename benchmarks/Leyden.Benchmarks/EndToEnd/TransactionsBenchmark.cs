using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DurableTask.AzureStorage;
using Leyden.Emulators.Eachlabs;
using Leyden.FunctionsHost;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// How many storage transactions a prediction costs on the Azure Storage task hub, and where they go: the Functions app's triggers with the
/// shipped <c>host.json</c>, counted between it and Azurite.
/// </summary>
internal static class TransactionsBenchmark
{
    private const string TaskHub = "leyden";
    private const string Polling = "take or find empty";
    private const int Warm = 8;
    private const int Alone = 10;
    private const int Bulk = 50;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The orchestration ends a moment after its prediction.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RunTime = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(IHttpClientFactory clients)
    {
        var stop = CancellationToken.None;
        var container = $"leyden-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var counts = new TransactionCounts(TaskHub, container);
        await using var azurite = await Azurite.StartAsync(folder: null, stop);
        await using var observed = await ObservedAzurite.StartAsync(azurite, counts.AddAsync, stop);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = RunTime,
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
            },
            stop
        );
        await using var host = await FunctionsTestHost.StartAsync(
            new FunctionsHostOptions
            {
                Settings = new Dictionary<string, string>
                {
                    ["AzureWebJobsStorage"] = observed.ConnectionString,
                    ["Leyden__Storage__Container"] = container,
                    ["Leyden__Eachlabs__BaseUrl"] = emulator.BaseUrl.ToString(),
                    ["Leyden__Eachlabs__ApiKey"] = "benchmark",
                    ["Leyden__Eachlabs__RequestsPerMinute"] = "100000",
                    ["Leyden__Eachlabs__MaxConcurrent"] = "1000",
                    ["Leyden__AllowLoopback"] = "true",
                },
            },
            stop
        );
        using var http = clients.CreateClient("benchmark");
        for (var i = 0; i < Warm; i++)
        {
            await Predictions.RunAsync(http, host.Url, "learning");
        }

        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, stop);
        var idle = await WatchAsync(counts, () => Task.Delay(IdleTime, TimeProvider.System, stop));
        var upkeep = await WatchAsync(counts, () => host.RunTimerAsync("HealPredictions", stop));
        var ids = new List<string>();
        var alone = await WatchAsync(counts, () => OneByOneAsync(counts, http, host.Url, ids));
        var bulk = await WatchAsync(counts, () => AllAtOnceAsync(counts, http, host.Url));

        var engine = host.Services.GetRequiredService<AzureStorageOrchestrationService>();
        var history = await engine.GetOrchestrationHistoryAsync(ids[0], null);
        var rows = JsonNode.Parse(history)!.AsArray().Count;
        await Report.WriteAsync("transactions", "Storage transactions", Describe(idle, upkeep, alone, bulk, rows));
        return 0;
    }

    private static async Task OneByOneAsync(TransactionCounts counts, HttpClient http, Uri address, List<string> ids)
    {
        for (var i = 0; i < Alone; i++)
        {
            var before = counts.Ended;
            ids.Add(await Predictions.CreateAsync(http, address, $"alone {i}"));
            await EndsAsync(counts, before + 1);
            await EndedAsync(http, address, ids[^1]);
        }
    }

    private static async Task AllAtOnceAsync(TransactionCounts counts, HttpClient http, Uri address)
    {
        var before = counts.Ended;
        var all = await Task.WhenAll(
            Enumerable.Range(0, Bulk).Select(i => Predictions.CreateAsync(http, address, $"bulk {i}"))
        );
        await EndsAsync(counts, before + Bulk);
        foreach (var id in all)
        {
            await EndedAsync(http, address, id);
        }
    }

    /// <summary>Waits without a storage request of its own.</summary>
    private static async Task EndsAsync(TransactionCounts counts, long ended)
    {
        var start = Stopwatch.GetTimestamp();
        while (counts.Ended < ended)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException($"{counts.Ended} predictions ended, not {ended}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        await Task.Delay(Afterwards, TimeProvider.System);
    }

    /// <summary>Reads once, as a caller does at least: what is not ended by now would falsify the count.</summary>
    private static async Task EndedAsync(HttpClient http, Uri address, string id)
    {
        var prediction = await Predictions.ReadAsync(http, address, id);
        if ((string?)prediction["status"] != "success")
        {
            throw new InvalidOperationException($"Not a success: {prediction}");
        }
    }

    private static async Task<Watched> WatchAsync(TransactionCounts counts, Func<Task> act)
    {
        var before = counts.Now;
        var start = Stopwatch.GetTimestamp();
        await act();
        var time = Stopwatch.GetElapsedTime(start);
        return new Watched(
            time,
            counts.Now.ToDictionary(c => c.Key, c => c.Value - before.GetValueOrDefault(c.Key), StringComparer.Ordinal)
        );
    }

    private static string Describe(Watched idle, Watched upkeep, Watched alone, Watched bulk, int rows)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"A prediction of one picture, read once by its caller. {Alone} one after the other, then {Bulk} at once."
        );
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"History of one: {rows} rows. Looks into queues and lease keeping at the idle rate are taken off."
        );
        text.AppendLine();
        text.AppendLine("| transactions for each prediction | alone | in bulk |");
        text.AppendLine("|---|---|---|");
        var purposes = alone.Counts.Keys.Union(bulk.Counts.Keys).Order(StringComparer.Ordinal);
        foreach (var purpose in purposes)
        {
            var (one, many) = (alone.Each(purpose, Alone, idle), bulk.Each(purpose, Bulk, idle));
            if (one > 0.05 || many > 0.05)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {purpose} | {one:0.0} | {many:0.0} |");
            }
        }

        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| **all** | **{alone.All(Alone, idle):0.0}** | **{bulk.All(Bulk, idle):0.0}** |"
        );
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| of these, looks into queues | {alone.All(Alone, idle, Polling):0.0} | {bulk.All(Bulk, idle, Polling):0.0} |"
        );
        text.AppendLine();
        text.AppendLine("| idle, in a minute | |");
        text.AppendLine("|---|---|");
        foreach (
            var (purpose, count) in idle.Counts.Where(c => c.Value > 0).OrderBy(c => c.Key, StringComparer.Ordinal)
        )
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {purpose} | {count * 60 / idle.Time.TotalSeconds:0} |");
        }

        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| healing, each minute: all | {upkeep.Counts.Where(c => c.Key.StartsWith("our blobs", StringComparison.Ordinal)).Sum(c => c.Value)} |"
        );
        return text.ToString();
    }

    private sealed record Watched(TimeSpan Time, IReadOnlyDictionary<string, long> Counts)
    {
        /// <summary>How many for each prediction, beyond what an idle host spends in the same time.</summary>
        public double Each(string purpose, int predictions, Watched idle)
        {
            var idled = idle.Counts.GetValueOrDefault(purpose) * (Time / idle.Time);
            return Math.Max(0, Counts.GetValueOrDefault(purpose) - idled) / predictions;
        }

        public double All(int predictions, Watched idle, string ending = "") =>
            Counts.Keys.Where(p => p.EndsWith(ending, StringComparison.Ordinal)).Sum(p => Each(p, predictions, idle));
    }
}
