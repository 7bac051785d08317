using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// How much later than the model's own time a caller has the result, and how many requests that took: Leyden (which also stores the
/// picture) beside the seed document's loop, in turn, in one run.
/// </summary>
internal static class OverheadBenchmark
{
    private const int Learning = 8;

    // The last kind of model takes up to a fifth more or less each time.
    private static readonly (double Seconds, double Jitter, int Runs)[] Models =
    [
        (0.5, 0, 30),
        (2, 0, 25),
        (7.3, 0, 12),
        (2, 0.2, 25),
    ];

    public static async Task<int> RunAsync(IHttpClientFactory clients)
    {
        var table = new StringBuilder(
            """
            | model runs | who | p50 over | p95 over | requests each |
            |---|---|---|---|---|

            """
        );
        foreach (var (seconds, jitter, runs) in Models)
        {
            using var http = clients.CreateClient("benchmark");
            var model = jitter == 0 ? $"{seconds} s" : $"{seconds} s ± {jitter:P0}";
            await using var emulator = await EachlabsEmulator.StartAsync(
                new EachlabsEmulatorOptions
                {
                    RequestsPerMinute = 0,
                    MaxConcurrent = 0,
                    RunTime = TimeSpan.FromSeconds(seconds),
                    RunTimeJitter = jitter,
                },
                CancellationToken.None
            );
            await using var server = await LeydenServer.StartAsync(
                emulator,
                http,
                ("Leyden__Eachlabs__RequestsPerMinute", "100000")
            );
            for (var i = 0; i < Learning; i++)
            {
                await Predictions.RunAsync(http, server.Address, "learning");
            }

            await MeasureAsync(table, http, emulator, server, model, runs);
            await MeasureReportedAsync(table, http, emulator, model, runs);
        }

        await Report.WriteAsync("overhead", "How much later than the model the result is there", table.ToString());
        return 0;
    }

    private static async Task MeasureAsync(
        StringBuilder table,
        HttpClient http,
        EachlabsEmulator emulator,
        LeydenServer server,
        string model,
        int runs
    )
    {
        http.DefaultRequestHeaders.Add("X-API-Key", "benchmark");
        var leyden = new Series();
        var loop = new Series();
        for (var i = 0; i < runs; i++)
        {
            await leyden.AddAsync(emulator, () => Predictions.RunAsync(http, server.Address, $"leyden {i}"));
            await loop.AddAsync(emulator, () => Predictions.PollEverySecondAsync(http, emulator.BaseUrl, $"loop {i}"));
        }

        table.AppendLine(CultureInfo.InvariantCulture, $"| {model} | Leyden | {leyden} |");
        table.AppendLine(CultureInfo.InvariantCulture, $"| {model} | 1-second loop | {loop} |");
    }

    /// <summary>A server that the emulator can reach, and which so learns that predictions are reported to it.</summary>
    private static async Task MeasureReportedAsync(
        StringBuilder table,
        HttpClient http,
        EachlabsEmulator emulator,
        string model,
        int runs
    )
    {
        await using var server = await LeydenServer.StartAsync(
            emulator,
            http,
            ("Leyden__Eachlabs__RequestsPerMinute", "100000"),
            ("Leyden__PublicBaseUrl", LeydenServer.OwnAddress)
        );
        for (var i = 0; i < Learning; i++)
        {
            await Predictions.RunAsync(http, server.Address, "learning");
        }

        var reported = new Series();
        for (var i = 0; i < runs; i++)
        {
            await reported.AddAsync(emulator, () => Predictions.RunAsync(http, server.Address, $"leyden {i}"));
        }

        table.AppendLine(CultureInfo.InvariantCulture, $"| {model} | Leyden, with callbacks | {reported} |");
    }

    private sealed class Series
    {
        private readonly List<double> _over = [];
        private long _requests;

        public async Task AddAsync(EachlabsEmulator emulator, Func<Task<JsonObject>> run)
        {
            var before = Requests(emulator);
            var start = Stopwatch.GetTimestamp();
            var result = await run();
            _over.Add(Stopwatch.GetElapsedTime(start).TotalSeconds - (double)result["metrics"]!["predict_time"]!);
            _requests += Requests(emulator) - before;
        }

        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Quantile(0.5):0.000} s | {Quantile(0.95):0.000} s | {(double)_requests / _over.Count:0.00}"
            );

        private double Quantile(double share) => _over.Order().ElementAt((int)Math.Ceiling(share * _over.Count) - 1);

        private static long Requests(EachlabsEmulator emulator) =>
            emulator.Counts.CreatesReceived + emulator.Counts.Gets;
    }
}
