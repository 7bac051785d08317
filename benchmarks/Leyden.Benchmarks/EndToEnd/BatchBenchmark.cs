using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>
/// One batch of ten thousand prompts through a server whose backend is done at once: how long our own work takes, and whether the
/// server's memory and pace depend on how far the batch is.
/// </summary>
internal static class BatchBenchmark
{
    /// <summary>The verb.</summary>
    public const string Verb = "batch";

    private const int DefaultCount = 10_000;
    private const int Samples = 10;
    private const int AtOnce = 60;
    private const double Megabyte = 1024 * 1024;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(IHttpClientFactory clients, string[] options)
    {
        var count = options is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultCount;
        using var http = clients.CreateClient("benchmark");
        http.Timeout = TimeSpan.FromMinutes(5);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = TimeSpan.FromMilliseconds(1),
                QueueTime = TimeSpan.Zero,
                RequestsPerMinute = 0,
                MaxConcurrent = 0,
            },
            CancellationToken.None
        );
        await using var server = await LeydenServer.StartAsync(
            emulator,
            http,
            ("Leyden__Eachlabs__RequestsPerMinute", "100000"),
            ("Leyden__Eachlabs__MaxConcurrent", $"{AtOnce}"),
            ("Leyden__Batches__MaxConcurrent", $"{AtOnce}"),
            ("Leyden__Predictions__DefaultDeadline", "01:00:00")
        );
        var idle = server.WorkingSet;
        var start = Stopwatch.GetTimestamp();
        var batch = await SubmitAsync(http, server.Address, count);
        var accepted = Stopwatch.GetElapsedTime(start);
        var (ended, samples) = await FollowAsync(http, server, (string)batch["id"]!, count, start);
        var took = Stopwatch.GetElapsedTime(start);
        var results = await ResultsAsync(http, server.Address, (string)batch["id"]!);
        var body = Body(ended, samples, accepted, took, idle, server.PeakWorkingSet, results, emulator.Counts);
        await Report.WriteAsync(
            Verb,
            string.Create(CultureInfo.InvariantCulture, $"A batch of {count:N0} prompts"),
            body,
            keep: count == DefaultCount
        );
        return 0;
    }

    private static async Task<JsonObject> SubmitAsync(HttpClient http, Uri address, int count)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            lines.Append(CultureInfo.InvariantCulture, $$"""{"prompt": "number {{i}}", "width": 256, "height": 256}""");
            lines.Append('\n');
        }

        using var content = new StringContent(lines.ToString(), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
        using var answer = await http.PostAsync(new Uri(address, "v1/batches"), content);
        var batch = await answer.Content.ReadFromJsonAsync<JsonObject>();
        return answer.IsSuccessStatusCode ? batch! : throw new InvalidOperationException($"Not accepted: {batch}");
    }

    /// <summary>Reads the batch until it has ended, and the server's memory each time another tenth is finished.</summary>
    private static async Task<(JsonObject Ended, IReadOnlyList<Sample> Samples)> FollowAsync(
        HttpClient http,
        LeydenServer server,
        string id,
        int count,
        long start
    )
    {
        var samples = new List<Sample>();
        while (true)
        {
            var batch = await http.GetFromJsonAsync<JsonObject>(new Uri(server.Address, $"v1/batches/{id}"));
            var finished = (int)batch!["counts"]!["finished"]!;
            if (finished >= count * (samples.Count + 1) / Samples)
            {
                samples.Add(new Sample(finished, Stopwatch.GetElapsedTime(start), server.WorkingSet));
                Console.WriteLine($"{finished} after {samples[^1].After}");
            }

            if ((string?)batch["status"] != "processing")
            {
                return (batch, samples);
            }

            await Task.Delay(Between, TimeProvider.System);
        }
    }

    private static async Task<(int Lines, TimeSpan Took)> ResultsAsync(HttpClient http, Uri address, string id)
    {
        var start = Stopwatch.GetTimestamp();
        await using var stream = await http.GetStreamAsync(new Uri(address, $"v1/batches/{id}/results"));
        using var reader = new StreamReader(stream);
        var lines = 0;
        while (await reader.ReadLineAsync() is not null)
        {
            lines++;
        }

        return (lines, Stopwatch.GetElapsedTime(start));
    }

    private static string Body(
        JsonObject ended,
        IReadOnlyList<Sample> samples,
        TimeSpan accepted,
        TimeSpan took,
        long idle,
        long peak,
        (int Lines, TimeSpan Took) results,
        EachlabsCounts counts
    )
    {
        var total = (int)ended["counts"]!["total"]!;
        var before = new Sample(0, accepted, idle);
        var rows = samples.Select(
            (sample, i) =>
            {
                var last = i == 0 ? before : samples[i - 1];
                var pace = (sample.Finished - last.Finished) / (sample.After - last.After).TotalSeconds;
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {sample.Finished:N0} | {sample.After.TotalSeconds:0} s | {pace:0.0} | {sample.Memory / Megabyte:0} MB |"
                );
            }
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            The backend is an emulator in another process that is done after a millisecond and has no limits; pictures of 256 × 256;
            {AtOnce} at once.

            | | |
            |---|---|
            | status | {ended["status"]} |
            | succeeded | {(int)ended["counts"]!["succeeded"]!:N0} |
            | billed creates | {counts.CreatesBilled:N0} |
            | requests to the backend each | {(double)(counts.CreatesReceived + counts.Gets) / total:0.00} |
            | until it was accepted | {accepted.TotalSeconds:0.0} s |
            | until its end | {took.TotalSeconds:0} s |
            | a second | {total / took.TotalSeconds:0.0} |
            | all results read, {results.Lines:N0} lines | {results.Took.TotalSeconds:0.0} s |
            | memory of the idle server | {idle / Megabyte:0} MB |
            | its peak | {peak / Megabyte:0} MB |

            | finished | after | a second since the row above | working set |
            |---|---|---|---|
            {string.Join('\n', rows)}
            """
        );
    }

    private sealed record Sample(int Finished, TimeSpan After, long Memory);
}
