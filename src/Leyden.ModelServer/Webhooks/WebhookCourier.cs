using Leyden.ModelServer.Predictions;

namespace Leyden.ModelServer.Webhooks;

/// <summary>
/// Tells one receiver of one prediction, in order. News of the log are told no more often than every half second, and those that wait
/// are replaced by newer ones, so that a slow receiver holds up little. The end is always told.
/// </summary>
internal sealed class WebhookCourier(WebhookTarget target, WebhookSender sender, TimeProvider time, Action ended)
{
    /// <summary>Cog's interval between news of the log.</summary>
    public static readonly TimeSpan LogsInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly LinkedList<(WebhookEvent Event, PredictionState State)> _pending = [];
    private long? _lastOffer;
    private bool _isSending;
    private bool _isEnded;

    /// <summary>Notes that something has happened. Never waits.</summary>
    public void Offer(WebhookEvent what, PredictionState state)
    {
        lock (_gate)
        {
            if (target.Events.Contains(what) && !(what == WebhookEvent.Logs && IsTooSoon))
            {
                if (what == WebhookEvent.Logs && _pending.Last?.Value.Event == WebhookEvent.Logs)
                {
                    _pending.RemoveLast();
                }

                _pending.AddLast((what, state));
                _lastOffer = time.GetTimestamp();
            }

            _isEnded |= what == WebhookEvent.Completed;
            if (!_isSending && (_pending.Count > 0 || _isEnded))
            {
                _isSending = true;
                _ = Task.Run(SendAllAsync);
            }
        }
    }

    private bool IsTooSoon => _lastOffer is { } last && time.GetElapsedTime(last) < LogsInterval;

    private async Task SendAllAsync()
    {
        while (TryTake(out var next))
        {
            await sender.SendAsync(target, next.Event, next.State);
        }
    }

    private bool TryTake(out (WebhookEvent Event, PredictionState State) next)
    {
        lock (_gate)
        {
            if (_pending.First is { } first)
            {
                next = first.Value;
                _pending.RemoveFirst();
                return true;
            }

            (next, _isSending) = (default, false);
            if (_isEnded)
            {
                ended();
            }

            return false;
        }
    }
}
