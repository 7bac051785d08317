using Leyden.Batches;
using Leyden.Local.Generating;

namespace Leyden.Local.Batches;

/// <summary>What became of a batch and its pictures.</summary>
/// <param name="Batch">As it was last seen.</param>
/// <param name="Pictures">How many pictures are in the folder.</param>
/// <param name="Faults">What kept items or their pictures from being there; the first of them.</param>
/// <param name="WasStopped">Whether Ctrl+C or a termination signal came.</param>
internal sealed record BatchResults(BatchView Batch, int Pictures, IReadOnlyList<string> Faults, bool WasStopped);

/// <summary>Submits a batch, follows it to its end and writes its pictures as they come; cancels it when asked to stop.</summary>
internal sealed class BatchRun(
    IBatchSession session,
    PictureFolder folder,
    BatchProgress progress,
    Action<string> wrote,
    TimeProvider time,
    CancellationToken stopAsked
)
{
    private const int MaxFaults = 60;
    private const int ToldFaults = 20;
    private const int ShortIdLength = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a cancel may take: each prediction that is under way asks the backend for some seconds whether it has stopped.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromMinutes(1);

    private readonly HashSet<int> _done = [];
    private readonly List<string> _faults = [];
    private int _next;
    private int _pictures;

    /// <summary>Runs it.</summary>
    /// <param name="file">The items.</param>
    /// <param name="key">By which the batch is recognized.</param>
    public async Task<BatchResults> RunAsync(BatchFile file, string key)
    {
        // Not cut short by the signal: that could leave a batch that nobody follows or cancels.
        var batch = await session.SubmitAsync(file, key, CancellationToken.None);
        progress.Say($"Batch {batch.Id}, key {key}: the same command goes on with it, also after this one was killed.");
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var limit = stopAsked.Register(() => patience.CancelAfter(CancelPatience));
        try
        {
            batch = await FollowAsync(batch, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            Add("The batch's cancel had no outcome yet.");
        }

        return new BatchResults(batch, _pictures, _faults, stopAsked.IsCancellationRequested);
    }

    private async Task<BatchView> FollowAsync(BatchView batch, CancellationToken patience)
    {
        var isCanceled = false;
        for (var faults = 0; ; )
        {
            try
            {
                progress.Update(batch);
                await WriteAsync(batch, patience);
                if (batch.Status != BatchStatus.Processing)
                {
                    return batch;
                }

                if (stopAsked.IsCancellationRequested && !isCanceled)
                {
                    progress.Say("Canceling; press Ctrl+C again to leave at once.");
                    await session.CancelAsync(batch.Id, patience);
                    isCanceled = true;
                }

                await Task.Delay(Interval, time, isCanceled ? patience : stopAsked)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                patience.ThrowIfCancellationRequested();
                if (await session.FindAsync(batch.Id, patience) is not { } now)
                {
                    Add("The batch was deleted meanwhile.");
                    return batch;
                }

                batch = now;
                faults = 0;
            }
            catch (HttpRequestException) when (++faults < MaxFaults)
            {
                await Task.Delay(Interval, time, patience); // the server is being restarted
            }
        }
    }

    /// <summary>Writes the pictures of all items that have ended since the last look. Chunks of items may end out of their order.</summary>
    private async Task WriteAsync(BatchView batch, CancellationToken cancellationToken)
    {
        if (batch.Counts.Finished == _next + _done.Count)
        {
            return;
        }

        await foreach (var item in session.ReadResultsAsync(batch.Id, _next, cancellationToken))
        {
            if (!_done.Contains(item.Index))
            {
                await WriteAsync(batch.Id, item, cancellationToken);
                _done.Add(item.Index);
            }
        }

        while (_done.Remove(_next))
        {
            _next++;
        }
    }

    private async Task WriteAsync(BatchId batch, BatchItem item, CancellationToken cancellationToken)
    {
        if (item.Fault is not null)
        {
            Add($"{item.Index} failed: {item.Fault}");
        }

        for (var i = 0; i < item.Outputs.Count; i++)
        {
            var output = item.Outputs[i];
            var extension = Path.GetExtension(output.Split('?')[0]);
            try
            {
                wrote(
                    await folder.WriteOnceAsync(
                        $"leyden-{batch.Value[^ShortIdLength..]}-{item.Index:00000}-{i + 1}{extension}",
                        () => session.OpenOutputAsync(output, cancellationToken),
                        cancellationToken
                    )
                );
                _pictures++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Add($"{item.Index}: a picture could not be written: {e.Message}");
            }
        }
    }

    private void Add(string fault)
    {
        if (_faults.Count < ToldFaults)
        {
            _faults.Add(fault);
        }
    }
}
