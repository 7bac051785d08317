using System.Globalization;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// A thousand predictions with webhooks: how long after its end each is told while the others are still being made, and how fast a
/// thousand deliveries go when there is nothing else to do.
/// </summary>
internal static class DeliveriesBenchmark
{
    private const int Count = 1000;
    private const int CallersAtOnce = 16;
    private static readonly TimeSpan RunTime = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(IHttpClientFactory clients)
    {
        using var http = clients.CreateClient("benchmark");
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = RunTime,
                QueueTime = TimeSpan.Zero,
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
            },
            CancellationToken.None
        );
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await LeydenServer.StartAsync(
            emulator,
            http,
            ("Leyden__Eachlabs__RequestsPerMinute", "100000")
        );
        for (var i = 0; i < 20; i++)
        {
            await Predictions.CreateAsync(http, server.Address, "learning", receiver.Url);
        }

        await receiver.TakeAsync(20);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            new ParallelOptions { MaxDegreeOfParallelism = CallersAtOnce },
            async (i, _) => await Predictions.CreateAsync(http, server.Address, $"number {i}", receiver.Url)
        );
        var told = await receiver.TakeAsync(Count);
        await Parallel.ForEachAsync(
            told,
            new ParallelOptions { MaxDegreeOfParallelism = CallersAtOnce },
            async (delivery, _) => await RedeliverAsync(http, server.Address, delivery.Prediction)
        );
        var again = await receiver.TakeAsync(Count);
        await Report.WriteAsync("deliveries", "Webhooks a second", Table(told, again, server.PeakWorkingSet));
        return 0;
    }

    private static string Table(IReadOnlyList<Delivery> told, IReadOnlyList<Delivery> again, long peakMemory)
    {
        var lags = told.Select(d => (d.Arrived - d.Ended).TotalSeconds).Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            `leyden serve` in a process of its own on the SQLite engine and a folder, {CallersAtOnce} callers at once, a model of {RunTime.TotalSeconds} s; the
            emulator, the callers and the receiver share the machine. Signed, each by a courier (an orchestration) of its own.

            | of {Count} webhooks | while the predictions are made | told again, nothing else to do |
            |---|--:|--:|
            | predictions told of | {Distinct(told)} | {Distinct(again)} |
            | first to last | {Span(told):0.0} s | {Span(again):0.0} s |
            | deliveries a second | {Count / Span(told):0} | {Count / Span(again):0} |
            | end of the prediction to its webhook, p50 | {Quantile(lags, 0.5):0.000} s | |
            | end of the prediction to its webhook, p95 | {Quantile(lags, 0.95):0.000} s | |

            The first column is bound by the predictions: each takes several steps, a picture and a webhook. Peak memory of the server
            (resident, after both): {peakMemory / 1024 / 1024} MiB.
            """
        );
    }

    private static int Distinct(IReadOnlyList<Delivery> deliveries) =>
        deliveries.Select(d => d.Prediction).Distinct(StringComparer.Ordinal).Count();

    private static double Span(IReadOnlyList<Delivery> deliveries) =>
        (deliveries.Max(d => d.Arrived) - deliveries.Min(d => d.Arrived)).TotalSeconds;

    private static double Quantile(List<double> sorted, double share) =>
        sorted[(int)Math.Ceiling(share * sorted.Count) - 1];

    private static async Task RedeliverAsync(HttpClient http, Uri address, string id)
    {
        var path = $"v1/prediction/{id}/deliveries/webhook/redeliver";
        using var answer = await http.PostAsync(new Uri(address, path), content: null);
        answer.EnsureSuccessStatusCode();
    }
}
