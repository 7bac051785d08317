using System.Diagnostics;
using System.Globalization;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// 200 predictions at once through 60 requests a minute and 10 at once: none refused, none lost, in order, and how near to the
/// shortest time that the limits allow.
/// </summary>
internal static class QuotaBenchmark
{
    private const int Count = 200;
    private const int PerMinute = 60;
    private const int RequestsEach = 2;
    private static readonly TimeSpan RunTime = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(IHttpClientFactory clients)
    {
        using var http = clients.CreateClient("benchmark");
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = RunTime, QueueTime = TimeSpan.Zero },
            CancellationToken.None
        );
        await using var server = await LeydenServer.StartAsync(
            emulator,
            http,
            ("Leyden__Predictions__DefaultDeadline", "01:00:00")
        );
        var start = Stopwatch.GetTimestamp();
        var ids = new List<string>();
        for (var i = 0; i < Count; i++)
        {
            ids.Add(await Predictions.CreateAsync(http, server.Address, Prompt(i)));
        }

        var statuses = new List<string?>();
        foreach (var id in ids)
        {
            statuses.Add(await EndAsync(http, server.Address, id));
        }

        var took = Stopwatch.GetElapsedTime(start);
        var counters = emulator.Counts;
        var order = counters.BilledOrder.ToList();
        var overtaken = order
            .Select((prompt, i) => order.Take(i).Count(p => string.CompareOrdinal(p, prompt) > 0))
            .Max();
        // The first minute's allowance goes at once, the rest arrives at 60 a minute, and the last one has to run.
        var shortest = TimeSpan.FromMinutes((double)((Count * RequestsEach) - PerMinute) / PerMinute) + RunTime;
        await Report.WriteAsync(
            "quota",
            "Two hundred at once through the limits of Eachlabs",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                | of {Count} predictions | |
                |---|---|
                | succeeded | {statuses.Count(s => s == "success")} |
                | billed creates | {counters.CreatesBilled} |
                | refused with 429 | {counters.Throttled} |
                | most at once | {counters.PeakRunning} |
                | most younger ones submitted before an older one | {overtaken} |
                | requests each | {(double)(counters.CreatesReceived + counters.Gets) / Count:0.00} |
                | took | {took.TotalSeconds:0} s |
                | shortest that {PerMinute} a minute allow for two requests each | {shortest.TotalSeconds:0} s |
                | ratio | {took / shortest:0.00} |

                """
            )
        );
        return 0;
    }

    private static string Prompt(int i) => string.Create(CultureInfo.InvariantCulture, $"number {i:000}");

    private static async Task<string?> EndAsync(HttpClient http, Uri address, string id)
    {
        while (true)
        {
            var status = (string?)(await Predictions.ReadAsync(http, address, id))["status"];
            if (status is "success" or "error" or "cancelled")
            {
                return status;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }
    }
}
