using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;
using Leyden.Predictions;

namespace Leyden.Local.Tests;

/// <summary>Kills <c>leyden serve</c> without warning in the middle of a batch: the counts stay exact and nothing is billed twice.</summary>
public sealed class BatchCrashTests : IAsyncDisposable
{
    private const int Count = 60;
    private const int MaxConcurrent = 10;
    private static readonly int[] KilledAfter = [5, 25, 45];
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Killed_again_and_again_a_batch_counts_every_item_once_and_bills_none_twice()
    {
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions
            {
                RunTime = TimeSpan.FromMilliseconds(400),
                RunTimeJitter = 0.8,
                RequestsPerMinute = 0,
                MaxConcurrent = 0, // a run whose answer a kill has lost still occupies the emulator
            },
            Cancellation
        );
        _home.Use(emulator);
        _home.Environment["Leyden__Eachlabs__RequestsPerMinute"] = "100000";
        _home.Environment["Leyden__Eachlabs__MaxConcurrent"] = $"{MaxConcurrent}";
        _home.Environment["Leyden__Eachlabs__CreateTimeout"] = "00:00:03";
        string? id = null;
        foreach (var billed in KilledAfter)
        {
            using var server = await LeydenServer.StartAsync(_home);
            id ??= await SubmitAsync(server);
            await emulator.BilledAsync(billed);
            await server.Process.KillAsync();
        }

        using var last = await LeydenServer.StartAsync(_home);
        var batch = await EndAsync(last, id!);
        var lines = await last.Http.GetStringAsync($"v1/batches/{id}/results", Cancellation);
        var results = lines.Trim().Split('\n').Select(line => JsonNode.Parse(line)!.AsObject()).ToList();

        Assert.Equal("completed", (string?)batch["status"]);
        Assert.Equal(Enumerable.Range(0, Count), results.Select(r => (int)r["index"]!));
        Assert.Equal(Count, results.Select(r => (string)r["id"]!).Distinct().Count());
        var failed = results.Where(r => (string?)r["status"] != "success").ToList();
        Assert.Equal((failed.Count, Count - failed.Count), (Of(batch, "failed"), Of(batch, "succeeded")));
        // Unknown can only be what was on its way to the backend at a kill.
        Assert.InRange(failed.Count, 0, KilledAfter.Length * MaxConcurrent);
        Assert.All(failed, r => Assert.Equal(FailureCodes.SubmissionUnknown, (string?)r["error_code"]));
        Assert.All(
            emulator.Counts.BilledByPrompt,
            p => Assert.True(p.Value == 1, $"{p.Key} was billed {p.Value} times.")
        );
    }

    private static int Of(JsonObject batch, string count) => (int)batch["counts"]![count]!;

    private static async Task<string> SubmitAsync(LeydenServer server)
    {
        var lines = Enumerable.Range(0, Count).Select(i => $$"""{"prompt":"number {{i}}","width":256,"height":256}""");
        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
        using var answer = await server.Http.PostAsync("v1/batches", content, Cancellation);
        var json = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, json?.ToJsonString());
        return (string)json!["id"]!;
    }

    private static async Task<JsonObject> EndAsync(LeydenServer server, string id)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var batch = await server.Http.GetFromJsonAsync<JsonObject>($"v1/batches/{id}", Cancellation);
            if ((string?)batch!["status"] != "processing")
            {
                return batch;
            }

            var isLate = TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(5);
            Assert.False(isLate, $"The batch did not end: {batch}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation);
        }
    }
}
