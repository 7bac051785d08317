using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>What became of one prediction of a <c>generate</c>.</summary>
/// <param name="View">As it was last seen.</param>
/// <param name="Files">The pictures that were written.</param>
/// <param name="Fault">What kept us from its outcome or its pictures from being written; null when nothing did.</param>
internal sealed record GeneratedPrediction(PredictionView View, IReadOnlyList<string> Files, string? Fault = null);

/// <summary>Starts the predictions, follows them to their ends and writes their pictures; cancels them when asked to stop.</summary>
internal sealed class GenerateRun(
    IPredictionSession session,
    GenerateRequest request,
    IProgressDisplay progress,
    TimeProvider time,
    CancellationToken stopAsked
)
{
    /// <summary>How long a cancel may take to have an outcome: the backend is asked for about 7 seconds whether it has stopped.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(15);

    /// <summary>Runs all.</summary>
    public async Task<IReadOnlyList<GeneratedPrediction>> RunAsync()
    {
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var limit = stopAsked.Register(() => patience.CancelAfter(CancelPatience));
        var started = new List<PredictionView>();
        var running = new List<Task<GeneratedPrediction>>();
        while (running.Count < request.Predictions.Count && !stopAsked.IsCancellationRequested)
        {
            // Not cut short by the signal: that could leave a prediction that nobody follows or cancels.
            started.Add(await session.StartAsync(request.Predictions[running.Count], patience.Token));
            running.Add(FollowAsync(running.Count, started[^1], patience.Token));
        }

        var all = Task.WhenAll(running);
        await Task.WhenAny(all, Task.Delay(Timeout.InfiniteTimeSpan, time, stopAsked));
        if (!all.IsCompleted)
        {
            progress.Say("Canceling; press Ctrl+C again to leave at once.");
            await Task.WhenAll(started.Select(p => CancelAsync(p.Id, patience.Token)));
        }

        return await all;
    }

    private async Task CancelAsync(PredictionId id, CancellationToken patience)
    {
        try
        {
            await session.CancelAsync(id, patience);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            progress.Say($"Prediction {id} could not be canceled: {e.Message}");
        }
    }

    private async Task<GeneratedPrediction> FollowAsync(int index, PredictionView started, CancellationToken patience)
    {
        var last = started;
        try
        {
            await foreach (var view in session.FollowAsync(started.Id, patience))
            {
                last = view;
                progress.Update(index, view);
            }

            if (!last.Status.IsTerminal())
            {
                return new GeneratedPrediction(last, [], "It was deleted meanwhile.");
            }

            return last.Status == PredictionStatus.Succeeded
                ? await WriteAsync(last, patience)
                : new GeneratedPrediction(last, []);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return new GeneratedPrediction(last, [], "Its cancel had no outcome yet.");
        }
        catch (HttpRequestException e)
        {
            return new GeneratedPrediction(last, [], $"The server does not answer any more: {e.Message}");
        }
    }

    private async Task<GeneratedPrediction> WriteAsync(PredictionView prediction, CancellationToken patience)
    {
        var files = new List<string>();
        try
        {
            for (var i = 0; i < prediction.Outputs.Count; i++)
            {
                await using var content = await session.OpenOutputAsync(prediction, i, patience);
                var extension = Path.GetExtension(prediction.Outputs[i]);
                files.Add(await request.Folder.WriteAsync(prediction.Id, i + 1, extension, content, patience));
            }

            return new GeneratedPrediction(prediction, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new GeneratedPrediction(prediction, files, $"A picture could not be written: {e.Message}");
        }
    }
}
