using System.Diagnostics;
using System.Globalization;
using System.Text;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// How much later than the model's own time a caller has the result, and how many requests that took: Leyden (which also stores the
/// picture) beside the seed document's loop, in turn, in one run.
/// </summary>
internal static class OverheadBenchmark
{
    private const int Learning = 8;
    private static readonly (double Seconds, int Runs)[] Models = [(0.5, 30), (2, 25), (7.3, 12)];

    public static async Task<int> RunAsync(IHttpClientFactory clients)
    {
        var table = new StringBuilder(
            """
            | model runs | who | p50 over | p95 over | requests each |
            |---|---|---|---|---|

            """
        );
        foreach (var (seconds, runs) in Models)
        {
            using var http = clients.CreateClient("benchmark");
            await using var emulator = await EachlabsEmulator.StartAsync(
                new EachlabsEmulatorOptions
                {
                    RequestsPerMinute = 0,
                    MaxConcurrent = 0,
                    QueueTime = TimeSpan.Zero,
                    RunTime = TimeSpan.FromSeconds(seconds),
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

            await MeasureAsync(table, http, emulator, server, seconds, runs);
        }

        await Report.WriteAsync("overhead", "How much later than the model the result is there", table.ToString());
        return 0;
    }

    private static async Task MeasureAsync(
        StringBuilder table,
        HttpClient http,
        EachlabsEmulator emulator,
        LeydenServer server,
        double seconds,
        int runs
    )
    {
        http.DefaultRequestHeaders.Add("X-API-Key", "benchmark");
        var leyden = new Series();
        var loop = new Series();
        for (var i = 0; i < runs; i++)
        {
            await leyden.AddAsync(emulator, seconds, () => Predictions.RunAsync(http, server.Address, $"leyden {i}"));
            await loop.AddAsync(
                emulator,
                seconds,
                () => Predictions.PollEverySecondAsync(http, emulator.BaseUrl, $"loop {i}")
            );
        }

        table.AppendLine(CultureInfo.InvariantCulture, $"| {seconds} s | Leyden | {leyden} |");
        table.AppendLine(CultureInfo.InvariantCulture, $"| {seconds} s | 1-second loop | {loop} |");
    }

    private sealed class Series
    {
        private readonly List<double> _over = [];
        private long _requests;

        public async Task AddAsync(EachlabsEmulator emulator, double modelSeconds, Func<Task> run)
        {
            var before = Requests(emulator);
            var start = Stopwatch.GetTimestamp();
            await run();
            _over.Add(Stopwatch.GetElapsedTime(start).TotalSeconds - modelSeconds);
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
