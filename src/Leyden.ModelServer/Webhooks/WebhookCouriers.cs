using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Webhooks;

/// <summary>Counts the couriers that are under way, so that predictions that nobody will take delivery of do not fill the memory.</summary>
internal sealed class WebhookCouriers(WebhookSender sender, IOptions<ModelServerOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _idle = Completed();
    private int _count;

    /// <summary>Engages a courier until the end of a prediction has been told or given up.</summary>
    /// <returns>Null when too many are under way.</returns>
    public WebhookCourier? TryCreate(WebhookTarget target)
    {
        lock (_gate)
        {
            if (_count >= options.Value.MaxWebhooks)
            {
                return null;
            }

            if (_count++ == 0)
            {
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        return new WebhookCourier(target, sender, time, Leave);
    }

    /// <summary>Completes when all couriers have done their work.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _idle.TrySetResult();
            }
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
