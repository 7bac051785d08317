using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Leyden.Backends;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Benchmarks.Scale;

/// <summary>
/// What grows with the number of processes, with the quota and with the queue: the books of a backend under contention on Azurite, their
/// bytes, and what a queue costs by itself, before and after docs/decisions/0019 in one run.
/// </summary>
internal static class ScaleBenchmark
{
    public const string Verb = "scale";
    private const int Predictions = 400;
    private const int Burst = 1_000;
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(10);
    private static readonly BackendLimits Usual = new(60, 10, TimeSpan.FromSeconds(30), false);
    private static readonly BackendLimits High = new(10_000, 2_000, TimeSpan.FromSeconds(30), false);

    public static async Task<int> RunAsync()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        await using var azurite = await Azurite.StartAsync(folder: null, CancellationToken.None);
        var text = new StringBuilder();
        await ContendAsync(text, azurite, meters);
        await BurstAsync(text, azurite, meters);
        DescribeSizes(text);
        DescribeQueue(text);
        await Report.WriteAsync(Verb, "The books of a backend at scale", text.ToString());
        return 0;
    }

    private static async Task ContendAsync(StringBuilder text, Azurite azurite, IMeterFactory meters)
    {
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"""
            *Before*: each change a write of its own. *After*: [decision 19](../decisions/0019-books-written-together.md).

            ## Contention

            {Predictions} predictions through the books of a backend of {High.RequestsPerMinute:N0} requests a minute and {High.MaxConcurrent:N0} places: a place, the
            request of a look, the end, three changes each. Each process has a client of its own on Azurite and takes 20 steps at once; each answer
            comes {Latency.TotalMilliseconds:0} ms late, as from a storage account. A run ends after 40 s at the latest. *Given up*: steps that lost 50 races in a row.

            | processes | books | predictions done | transactions each | writes that lost, for each change | bytes moved each | given up | changes a second, one process before = 1 |
            |--:|---|--:|--:|--:|--:|--:|--:|
            """
        );
        double? unit = null;
        foreach (var processes in new[] { 1, 4, 16 })
        {
            foreach (var isGrouped in new[] { false, true })
            {
                var swarm = new Swarm(azurite, meters, High, Latency, isGrouped);
                var result = await swarm.RunAsync(processes, Predictions);
                var m = result.Measures;
                var rate = result.Changes / result.Took.TotalSeconds;
                unit ??= rate;
                AppendRow(
                    text,
                    $"| {processes} | {Name(isGrouped)} | {result.Predictions} | {(double)m.Transactions / result.Predictions:0.0} | {(double)m.Refused / result.Changes:0.00} | {(m.BytesRead + m.BytesWritten) / result.Predictions:N0} | {result.Repeats} | {rate / unit:0.00} |"
                );
            }
        }
    }

    private static async Task BurstAsync(StringBuilder text, Azurite azurite, IMeterFactory meters)
    {
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"""

            ## A burst

            {Burst:N0} predictions at once come to a backend of 60 requests a minute and 10 places, by one process.

            | books | transactions each | bytes moved each |
            |---|--:|--:|
            """
        );
        foreach (var isGrouped in new[] { false, true })
        {
            var result = await new Swarm(azurite, meters, Usual, Latency, isGrouped).RunAsync(
                1,
                Burst,
                onlyEnter: true
            );
            var m = result.Measures;
            AppendRow(
                text,
                $"| {Name(isGrouped)} | {(double)m.Transactions / result.Predictions:0.00} | {(m.BytesRead + m.BytesWritten) / result.Predictions:N0} |"
            );
        }
    }

    private static void DescribeSizes(StringBuilder text)
    {
        text.AppendLine(
            """

            ## Length of the books

            All places taken, all requests of the last minute made. Every change writes the whole document.

            | requests a minute | places | waiting | bytes before | after |
            |--:|--:|--:|--:|--:|
            """
        );
        foreach (var limits in new[] { Usual, High })
        {
            foreach (var waiting in new[] { 0, 1_000, 10_000, 50_000 })
            {
                var (before, after) = BookSizes.Of(
                    limits.RequestsPerMinute!.Value,
                    limits.MaxConcurrent!.Value,
                    waiting
                );
                AppendRow(
                    text,
                    $"| {limits.RequestsPerMinute:N0} | {limits.MaxConcurrent:N0} | {waiting:N0} | {before:N0} | {after:N0} |"
                );
            }
        }
    }

    private static void DescribeQueue(StringBuilder text)
    {
        text.AppendLine(
            """

            ## What a queue costs by itself

            How often a prediction asks for its place, from coming until it is called. Each time is a step of its orchestration.

            | requests a minute | ahead | times before | after |
            |--:|--:|--:|--:|
            """
        );
        foreach (var limits in new[] { Usual, High })
        {
            foreach (var ahead in new[] { 10, 100, 1_000, 10_000 })
            {
                var (before, after) = QueueUpkeep.Asks(ahead, limits);
                AppendRow(text, $"| {limits.RequestsPerMinute:N0} | {ahead:N0} | {before} | {after} |");
            }
        }

        text.AppendLine(
            """

            How many wake-ups (events to orchestrations) one that leaves sends while others leave before those who were called have come.

            | places | leave meanwhile | wake-ups before | after |
            |--:|--:|--:|--:|
            """
        );
        foreach (var (places, late) in new[] { (10, 0), (10, 5), (2_000, 50), (2_000, 200) })
        {
            var (before, after) = QueueUpkeep.WakeUps(places, late);
            AppendRow(text, $"| {places:N0} | {late} | {before:0.0} | {after:0.0} |");
        }
    }

    private static string Name(bool isGrouped) => isGrouped ? "after" : "before";

    private static void AppendRow(StringBuilder text, FormattableString row)
    {
        var line = row.ToString(CultureInfo.InvariantCulture);
        text.AppendLine(line);
        Console.WriteLine(line);
    }
}
