using Leyden.Diffusion;
using Leyden.ModelServer.Hosting;
using Leyden.ModelServer.Predictions;
using Leyden.Predictions;

namespace Leyden.ModelServer.Loading;

/// <summary>Where the loading of the model is.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="CompletedAt">When it ended; null while it goes on.</param>
/// <param name="HasFailed">Whether it ended badly.</param>
internal sealed record SetupProgress(
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt = null,
    bool HasFailed = false
);

/// <summary>Loads the model in the background, so that <c>/health-check</c> answers meanwhile, and lets predictions in when it is there.</summary>
internal sealed class ModelSetup(IModelLoader loader, SetupLog log, PredictionDesk desk, TimeProvider time)
    : BackgroundService,
        IAsyncDisposable
{
    private volatile SetupProgress? _progress;
    private volatile ITextToImage? _model;

    /// <summary>Where it is; null before it has begun.</summary>
    public SetupProgress? Progress => _progress;

    /// <summary>What it said.</summary>
    public string Logs => log.Text;

    /// <summary>The model; null before it is loaded.</summary>
    public ITextToImage? Model => _model;

    /// <summary>Pixels: widths and heights are multiples of it. Before the model is loaded, what SDXL has.</summary>
    public int SizeStep => _model?.Model.SizeStep ?? SdxlLightningInput.SizeStep;

    /// <summary>Closes the model, unless a run holds on to it: then the process ends without.</summary>
    public async ValueTask DisposeAsync()
    {
        base.Dispose();
        if (_model is not null)
        {
            var closed = _model.DisposeAsync().AsTask().WaitAsync(GracefulStop.Moment);
            await closed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var progress = new SetupProgress(time.GetUtcNow());
        _progress = progress;
        await Task.Yield(); // the server begins to listen meanwhile
        try
        {
            _model = await Task.Run(() => loader.LoadAsync(log, stoppingToken), stoppingToken);
            _progress = progress with { CompletedAt = time.GetUtcNow() };
            desk.Open(_model);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends before the model is there.
        }
        catch (Exception e)
        {
            log.Fail(e);
            _progress = progress with { CompletedAt = time.GetUtcNow(), HasFailed = true };
        }
    }
}
