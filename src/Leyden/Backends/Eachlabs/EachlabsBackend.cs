using Leyden.Predictions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Backends.Eachlabs;

/// <summary>Runs predictions on the hosted API of Eachlabs.</summary>
internal sealed partial class EachlabsBackend : IAsynchronousBackend
{
    private static readonly PredictionFailure NoKey = new(
        FailureCodes.BackendRejected,
        Retryable: false,
        $"There is no key for Eachlabs. Set {EachlabsOptions.Section}:ApiKey or {EachlabsOptions.KeyVariable}."
    );

    private readonly EachlabsClient _client;
    private readonly EachlabsSubmitMapper _submitMapper;
    private readonly EachlabsObserveMapper _observeMapper;
    private readonly ILogger<EachlabsBackend> _logger;
    private readonly bool _hasKey;

    public EachlabsBackend(EachlabsClient client, IOptions<EachlabsOptions> options, ILogger<EachlabsBackend> logger)
    {
        var settings = options.Value;
        _client = client;
        _logger = logger;
        _hasKey = settings.ApiKey is not null;
        _submitMapper = new EachlabsSubmitMapper(settings.ApiKey);
        _observeMapper = new EachlabsObserveMapper(settings.ApiKey, settings.PricePerSecond);
        PricePerSecond = settings.PricePerSecond;
        Limits = new BackendLimits(
            settings.RequestsPerMinute,
            settings.MaxConcurrent,
            settings.CreateTimeout,
            settings.ResubmitUnknown
        );
    }

    /// <inheritdoc/>
    public string Name => "eachlabs";

    /// <inheritdoc/>
    public bool CanReport => true;

    /// <inheritdoc/>
    public bool IsConfigured => _hasKey;

    /// <inheritdoc/>
    public decimal? PricePerSecond { get; }

    /// <inheritdoc/>
    public BackendLimits Limits { get; }

    /// <inheritdoc/>
    public async Task<SubmitOutcome> SubmitAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _hasKey
            ? _submitMapper.Map(await _client.CreateAsync(EachlabsInput.Compose(request), cancellationToken))
            : new SubmitOutcome.Rejected(NoKey);
    }

    /// <inheritdoc/>
    public async Task<ObserveOutcome> ObserveAsync(string backendId, CancellationToken cancellationToken)
    {
        if (!EachlabsId.TryParse(backendId, out var id))
        {
            return new ObserveOutcome.Missing();
        }

        var outcome = _observeMapper.Map(await _client.GetAsync(id, cancellationToken));
        if (outcome is ObserveOutcome.Unavailable unavailable)
        {
            Log.Unreadable(_logger, id, unavailable.Failure.Message, unavailable.Failure.Detail);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(string backendId, CancellationToken cancellationToken)
    {
        if (!EachlabsId.TryParse(backendId, out var id))
        {
            return false;
        }

        var answer = await _client.CancelAsync(id, cancellationToken);
        var taken = answer is EachlabsAnswer.Received { Status: >= 200 and < 300 };
        if (!taken)
        {
            Log.NotCanceled(_logger, id, (answer as EachlabsAnswer.Received)?.Status);
        }

        return taken;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Eachlabs prediction {Id} could not be read: {Reason} {Detail}")]
        public static partial void Unreadable(ILogger logger, EachlabsId id, string reason, string? detail);

        [LoggerMessage(2, LogLevel.Warning, "Eachlabs did not take the cancel of prediction {Id} (status {Status})")]
        public static partial void NotCanceled(ILogger logger, EachlabsId id, int? status);
    }
}
