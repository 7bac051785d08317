using Leyden.Diffusion;
using Leyden.ModelServer.Webhooks;

namespace Leyden.ModelServer.Predictions;

/// <summary>A prediction from acceptance to its end: one state after another, each told to its webhook.</summary>
internal sealed class Prediction(PredictionState accepted, WebhookCourier? webhook)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PredictionState _state = accepted;

    /// <summary>Its id.</summary>
    public string Id { get; } = accepted.Id;

    /// <summary>What it is now.</summary>
    public PredictionState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Completes when it has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether somebody asked for its end.</summary>
    public bool IsCancelRequested { get; private set; }

    /// <summary>Why the server ended it, of its own accord; null when it did not.</summary>
    public string? TurnedAway { get; private set; }

    /// <summary>Notes that it is to end.</summary>
    /// <param name="turnedAway">Why, when it is the server that wants it.</param>
    public void RequestCancel(string? turnedAway)
    {
        (IsCancelRequested, TurnedAway) = (true, turnedAway ?? TurnedAway);
    }

    /// <summary>The run begins.</summary>
    public void Start(DateTimeOffset at, params string[] lines) =>
        Change(WebhookEvent.Start, now => now.Say(lines) with { Status = PredictionStatus.Processing, StartedAt = at });

    /// <summary>The run goes on.</summary>
    public void Report(DenoisingProgress progress, string line) =>
        Change(WebhookEvent.Logs, now => now.Say(line) with { Progress = progress });

    /// <summary>There is something to add to its log.</summary>
    public void Say(params string[] lines)
    {
        if (lines.Length > 0)
        {
            Change(WebhookEvent.Logs, now => now.Say(lines));
        }
    }

    /// <summary>The pictures are made.</summary>
    public void Show(IReadOnlyList<byte[]> pictures, params string[] lines) =>
        Change(WebhookEvent.Output, now => now.Say(lines) with { Output = pictures });

    /// <summary>It ends; what comes after that is passed over. Whoever waits learns of it by <see cref="Tell"/>.</summary>
    public void End(PredictionStatus status, DateTimeOffset at, TimeSpan? predictTime = null, string? error = null) =>
        Change(
            WebhookEvent.Completed,
            now =>
                now with
                {
                    Status = status,
                    CompletedAt = at,
                    PredictTime = predictTime,
                    Error = error,
                    Output = status == PredictionStatus.Succeeded ? now.Output : null,
                }
        );

    /// <summary>It ends because somebody, or the server, asked for that.</summary>
    public void EndCanceled(DateTimeOffset at, TimeSpan? predictTime = null) =>
        End(TurnedAway is null ? PredictionStatus.Canceled : PredictionStatus.Failed, at, predictTime, TurnedAway);

    /// <summary>Tells those who wait that it has ended.</summary>
    public void Tell() => _ended.TrySetResult();

    private void Change(WebhookEvent what, Func<PredictionState, PredictionState> change)
    {
        lock (_gate)
        {
            if (!_state.IsEnded)
            {
                _state = change(_state);
                webhook?.Offer(what, _state);
            }
        }
    }
}
