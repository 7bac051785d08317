using System.Text;
using Leyden.Batches;
using Leyden.Predictions;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Batches;

/// <summary>Submits batches to a world and waits for them.</summary>
internal sealed class BatchDriver(PredictionWorld world)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public BatchService Service => world.Get<BatchService>();

    public BatchStore Store => world.Get<BatchStore>();

    /// <summary>So many lines, each with a prompt of its own.</summary>
    public static string Lines(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $$"""{"prompt":"number {{i}}"}""" + "\n"));

    public Task<BatchOutcome> SubmitAsync(string lines, string? key = null, Owner? owner = null)
    {
        var from = owner ?? Owner.Local;
        var content = new MemoryStream(Encoding.UTF8.GetBytes(lines));
        return Service.SubmitAsync(from, BatchLines.ReadAsync(content, from, Stop), key, world.Client, Stop);
    }

    public async Task<Batch> AcceptedAsync(string lines, string? key = null) =>
        Assert.IsType<BatchOutcome.Accepted>(await SubmitAsync(lines, key)).Batch;

    public async Task<Batch> ReadAsync(BatchId id)
    {
        var batch = await Service.FindAsync(Owner.Local, id, Stop);
        Assert.NotNull(batch);
        return batch;
    }

    /// <summary>Waits for the end of a batch and of its orchestration.</summary>
    public async Task<Batch> EndAsync(BatchId id)
    {
        // Patient for as long as it goes on: how long a batch takes depends on the machine.
        Batch seen;
        while ((seen = await ReadAsync(id)).Status == BatchStatus.Processing)
        {
            var before = seen.Collected.Count;
            await PredictionWorld.EventuallyAsync(
                async () =>
                    await ReadAsync(id) is var now
                    && (now.Status != BatchStatus.Processing || now.Collected.Count > before),
                $"batch {id} goes on: {seen.Counts}"
            );
        }

        await world.Client.WaitForInstanceCompletionAsync(id.Value, Stop);
        return seen;
    }

    public async Task<List<BatchResult>> ResultsAsync(Batch batch) =>
        await Store.ReadResultsAsync(batch, from: 0, Stop).ToListAsync(Stop);

    /// <summary>The prompts that were submitted, in order of their texts.</summary>
    public List<string> Submitted() =>
        [.. world.Backend.Requests.Select(r => r.Input["prompt"]!.GetValue<string>()).Order(StringComparer.Ordinal)];

    /// <summary>The prompts of <see cref="Lines"/>, in order of their texts.</summary>
    public static List<string> Prompts(int count) =>
        [.. Enumerable.Range(0, count).Select(i => $"number {i}").Order(StringComparer.Ordinal)];
}
