using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Streaming;

/// <summary>
/// Follows a prediction and writes what changes as events: <c>status</c> with the whole prediction, <c>progress</c> in between,
/// <c>done</c> after the end; a comment when nothing else is to be said for ten seconds.
/// </summary>
public sealed class PredictionFeed(
    PredictionStore store,
    PredictionChanges changes,
    SharedBooks books,
    RunProgress runs,
    IOptions<StreamOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time
)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(2);

    // A change by this process wakes at once; others show when the record is read, less often the longer it goes on.
    private const double ShareOfElapsed = 0.05;

    /// <summary>Looks how a prediction is.</summary>
    public async Task<PredictionSnapshot> LookAsync(Prediction prediction, CancellationToken cancellationToken)
    {
        var known = prediction.Status.IsTerminal()
            ? LedgerState.Empty // nothing in the books is of interest any more
            : await books.ReadAsync(prediction.Backend, cancellationToken);
        return PredictionSnapshot.Of(prediction, known, runs.Find(prediction.Id), time.GetUtcNow());
    }

    /// <summary>Writes events until the prediction has ended, the client or the host leaves, or the longest time is over.</summary>
    /// <param name="first">The prediction.</param>
    /// <param name="known">The id of the last event that the client has; null when it has none.</param>
    /// <param name="show">Writes a snapshot as the dialect has it.</param>
    /// <param name="response">Where to.</param>
    public async Task WriteAsync(
        Prediction first,
        string? known,
        Func<PredictionSnapshot, Task<JsonObject>> show,
        HttpResponse response
    )
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(
            response.HttpContext.RequestAborted,
            lifetime.ApplicationStopping
        );
        var stop = leaving.Token;
        try
        {
            var events = new EventWriter(response);
            await events.BeginAsync(Retry, stop);
            await FollowAsync(first, known, show, events, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody listens any more, or the host stops: the client connects again and goes on.
        }
    }

    private async Task FollowAsync(
        Prediction first,
        string? known,
        Func<PredictionSnapshot, Task<JsonObject>> show,
        EventWriter events,
        CancellationToken cancellationToken
    )
    {
        using var watch = changes.Begin(first.Id);
        var start = time.GetTimestamp();
        var wroteAt = start;
        double? progress = null;
        while (await store.FindAsync(first.Owner, first.Id, cancellationToken) is { } prediction)
        {
            var snapshot = await LookAsync(prediction, cancellationToken);
            var id = snapshot.Id();
            if (id != known)
            {
                var json = await show(snapshot);
                await events.SendAsync("status", json.ToJsonString(LeydenJson.Options), id, cancellationToken);
                (known, progress, wroteAt) = (id, snapshot.Progress, time.GetTimestamp());
            }
            else if (snapshot.Progress != progress)
            {
                var json = ProgressOf(snapshot).ToJsonString(LeydenJson.Options);
                await events.SendAsync("progress", json, null, cancellationToken);
                (progress, wroteAt) = (snapshot.Progress, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(wroteAt) >= Heartbeat)
            {
                await events.CommentAsync("still here", cancellationToken);
                wroteAt = time.GetTimestamp();
            }

            if (prediction.Status.IsTerminal())
            {
                await events.SendAsync("done", "{}", id, cancellationToken);
                return;
            }

            var left = options.Value.MaxStream - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                await events.RetryAsync(ShortestInterval, cancellationToken);
                return;
            }

            await watch.NextAsync(Shorter(IntervalAfter(time.GetElapsedTime(start)), left), time, cancellationToken);
        }

        await events.SendAsync("done", "{}", null, cancellationToken); // it was deleted meanwhile
    }

    /// <summary>What an event says of the progress.</summary>
    public static JsonObject ProgressOf(PredictionSnapshot snapshot) =>
        new() { ["progress"] = snapshot.Progress, ["progress_is_estimate"] = snapshot.IsEstimate };

    private static TimeSpan IntervalAfter(TimeSpan elapsed)
    {
        var share = elapsed * ShareOfElapsed;
        return share < ShortestInterval ? ShortestInterval : Shorter(share, LongestInterval);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
