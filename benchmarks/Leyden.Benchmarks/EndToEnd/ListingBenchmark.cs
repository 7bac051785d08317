using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>A caller's list of 20 in a folder of few and of very many predictions: the newest, and from the middle on.</summary>
internal static class ListingBenchmark
{
    private const int PageSize = 20;
    private const int Repetitions = 50;
    private static readonly TimeSpan Age = TimeSpan.FromDays(30);

    public static async Task<int> RunAsync()
    {
        var table = new StringBuilder(
            """
            | predictions over 30 days | newest page p50 | p95 | page from the middle p50 | p95 |
            |--:|--:|--:|--:|--:|

            """
        );
        foreach (var count in new[] { 1_000, 100_000 })
        {
            var folder = Directory.CreateTempSubdirectory("leyden-benchmark-");
            using var objects = new FolderObjectStore(folder.FullName, null, TimeProvider.System);
            var swap = new CompareAndSwap(objects, TimeProvider.System, Randomness.Create());
            var store = new PredictionStore(objects, swap, new PredictionChanges(), new DeliveryLogs(objects, swap));
            await Parallel.ForAsync(0, count, async (i, stop) => await store.AddAsync(New(i, count), stop));

            var first = await TimeAsync(store, null);
            var cursor = await MiddleAsync(store, count);
            var middle = await TimeAsync(store, cursor);
            table.AppendLine(CultureInfo.InvariantCulture, $"| {count:N0} | {first} | {middle} |");
            folder.Delete(recursive: true);
        }

        await Report.WriteAsync("listing", "Listing predictions", table.ToString());
        return 0;
    }

    private static async Task<string> TimeAsync(PredictionStore store, string? cursor)
    {
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var page = await store.ListAsync(Owner.Local, cursor, PageSize, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (page.Predictions.Count != PageSize)
            {
                throw new InvalidOperationException($"A page has {page.Predictions.Count} predictions.");
            }
        }

        times.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"{times[Repetitions / 2]:0.0} ms | {times[^3]:0.0} ms");
    }

    private static async Task<string?> MiddleAsync(PredictionStore store, int count)
    {
        string? cursor = null;
        for (var seen = 0; seen < count / 2; )
        {
            var page = await store.ListAsync(Owner.Local, cursor, 100, CancellationToken.None);
            seen += page.Predictions.Count;
            cursor = page.Cursor;
        }

        return cursor;
    }

    private static Prediction New(int number, int count)
    {
        var time = TimeProvider.System.GetUtcNow() - (Age * number / count);
        return new Prediction
        {
            Id = PredictionId.New(time, Randomness.Create()),
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = new JsonObject { ["prompt"] = $"number {number}" },
            Workload = "2^6",
            Backend = "eachlabs",
            Status = PredictionStatus.Succeeded,
            CreatedAt = time,
            Deadline = time,
        };
    }
}
