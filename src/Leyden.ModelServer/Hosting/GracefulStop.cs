using Leyden.ModelServer.Predictions;
using Leyden.ModelServer.Webhooks;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Hosting;

/// <summary>
/// When the server is asked to stop: nobody is let in, what waits is turned away, what runs may finish within
/// <see cref="ModelServerOptions.StopTime"/>, and webhooks get a moment more.
/// </summary>
internal sealed class GracefulStop(
    PredictionDesk desk,
    WebhookCouriers couriers,
    IHostApplicationLifetime lifetime,
    IOptions<ModelServerOptions> options
) : IHostedService, IDisposable
{
    /// <summary>Beyond <see cref="ModelServerOptions.StopTime"/>: for runs to let go and webhooks to be told.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _giveUp = new();
    private Task _drained = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // At once, not in StopAsync: by then the web server has waited for the requests, and these wait for their predictions.
        lifetime.ApplicationStopping.Register(() =>
        {
            desk.Close("the server is stopping");
            _drained = desk.DrainAsync(options.Value.StopTime, _giveUp.Token);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var _ = cancellationToken.Register(_giveUp.Cancel);
        try
        {
            await _drained;
            await couriers.WhenIdleAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What is left ends with the process.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _giveUp.Dispose();
}
