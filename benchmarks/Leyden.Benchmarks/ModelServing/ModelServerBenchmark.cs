using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Leyden.Benchmarks.ModelServing;

/// <summary>
/// Pictures a second of the model server with 1, 4 and 16 clients that each wait for one picture after another, with waiting predictions
/// made one by one and sharing calls of the model; where the time of a request goes; the server's memory.
/// </summary>
internal static class ModelServerBenchmark
{
    /// <summary>The verb.</summary>
    public const string Verb = "model-server";

    private const int Side = 512;
    private const int Pictures = 64;
    private const int WarmUps = 4;
    private const int Queue = 64;
    private static readonly int[] Clients = [1, 4, 16];
    private static readonly int[] BatchSizes = [1, 4];

    public static async Task<int> RunAsync(IHttpClientFactory factory, string[] options)
    {
        var model = options is [var directory, ..] ? directory : Path.Combine(Report.Repository(), "models", "shapes");
        var body = new StringBuilder();
        body.AppendLine(
            CultureInfo.InvariantCulture,
            $"""
            The server in a process of its own, clients and server on the same machine; {Side} × {Side} pixels, 4 steps, one picture a request,
            {Pictures} requests a row after {WarmUps} that are not counted. *Queue* and *run* are the server's `queue_time` and
            `predict_time`; *rest* is what a client waits beyond them: HTTP, and base64 both ways.

            | `BatchSize` | clients | pictures a second | request p50 | p95 | queue p50 | run p50 | rest p50 | server's peak memory |
            |--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """
        );
        foreach (var batchSize in BatchSizes)
        {
            await AddRowsAsync(body, factory, model, batchSize);
        }

        body.AppendLine().AppendLine("Waiting predictions share a run when their settings are the same, as here.");
        await Report.WriteAsync(Verb, "The model server", body.ToString());
        return 0;
    }

    private static async Task AddRowsAsync(StringBuilder body, IHttpClientFactory factory, string model, int batchSize)
    {
        using var http = factory.CreateClient();
        http.Timeout = TimeSpan.FromMinutes(10);
        foreach (var clients in Clients)
        {
            await using var server = await ModelServerProcess.StartAsync(model, batchSize, Queue, http);
            await AskAllAsync(http, server.Address, clients, WarmUps);
            var start = Stopwatch.GetTimestamp();
            var times = await AskAllAsync(http, server.Address, clients, Pictures);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string[] cells =
            [
                $"{batchSize}",
                $"{clients}",
                Text(Pictures / seconds, "0.00"),
                Text(Quantile(times, 0.5, t => t.Request)),
                Text(Quantile(times, 0.95, t => t.Request)),
                Text(Quantile(times, 0.5, t => t.Queue)),
                Text(Quantile(times, 0.5, t => t.Run)),
                Text(Quantile(times, 0.5, t => t.Request - t.Queue - t.Run)),
                Text(server.PeakWorkingSet / (1024.0 * 1024), "0") + " MiB",
            ];
            body.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |");
            Console.Error.WriteLine(string.Join(" | ", cells));
        }
    }

    private static async Task<IReadOnlyList<Times>> AskAllAsync(HttpClient http, Uri server, int clients, int pictures)
    {
        var next = -1;
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => AskOneAfterAnotherAsync()));
        return [.. all.SelectMany(times => times)];

        async Task<List<Times>> AskOneAfterAnotherAsync()
        {
            var times = new List<Times>();
            for (int seed; (seed = Interlocked.Increment(ref next)) < pictures; )
            {
                times.Add(await AskAsync(http, server, seed));
            }

            return times;
        }
    }

    private static async Task<Times> AskAsync(HttpClient http, Uri server, int seed)
    {
        var start = Stopwatch.GetTimestamp();
        var input = new
        {
            prompt = "a red circle on a blue background",
            width = Side,
            height = Side,
            seed,
        };
        using var response = await http.PostAsJsonAsync(new Uri(server, "/predictions"), new { input });
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var metrics = answer.GetProperty("metrics");
        return answer.GetProperty("status").GetString() == "succeeded"
            ? new Times(
                Stopwatch.GetElapsedTime(start).TotalSeconds,
                metrics.GetProperty("queue_time").GetDouble(),
                metrics.GetProperty("predict_time").GetDouble()
            )
            : throw new InvalidOperationException(answer.GetProperty("error").GetString());
    }

    private static double Quantile(IReadOnlyList<Times> times, double quantile, Func<Times, double> of)
    {
        var sorted = times.Select(of).Order().ToList();
        return sorted[(int)(quantile * (sorted.Count - 1))];
    }

    private static string Text(double seconds) => Text(seconds, "0.000") + " s";

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Where the time of a request went, in seconds.</summary>
    private readonly record struct Times(double Request, double Queue, double Run);
}
