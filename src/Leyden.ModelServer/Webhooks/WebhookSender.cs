using System.Net;
using System.Net.Http.Headers;
using Leyden.ModelServer.Http;
using Leyden.ModelServer.Predictions;
using Leyden.Net;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace Leyden.ModelServer.Webhooks;

/// <summary>
/// Posts a prediction's state as Cog does: the end is tried again up to 12 times at growing intervals when the receiver can not be reached
/// or asks for it, everything else is told once. Only addresses that <see cref="NetworkOptions"/> permits are called.
/// </summary>
internal sealed partial class WebhookSender
{
    /// <summary>The named HTTP client.</summary>
    public const string HttpClientName = "cog-webhooks";

    private const int MaxRetries = 12;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(102_400);
    private static readonly TimeSpan NewsTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);

    private readonly IHttpClientFactory _httpClients;
    private readonly NetworkOptions _network;
    private readonly string? _token;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSender> _logger;
    private readonly ResiliencePipeline<HttpStatusCode> _retries;

    public WebhookSender(
        IHttpClientFactory httpClients,
        IOptions<NetworkOptions> network,
        IOptions<ModelServerOptions> options,
        TimeProvider time,
        ILogger<WebhookSender> logger
    )
    {
        (_httpClients, _network, _time, _logger) = (httpClients, network.Value, time, logger);
        _token = options.Value.WebhookToken;
        _retries = CreateRetries(time);
    }

    /// <summary>Tells a receiver. What goes wrong is logged, not thrown.</summary>
    public async Task SendAsync(WebhookTarget target, WebhookEvent what, PredictionState state)
    {
        try
        {
            var isEnd = what == WebhookEvent.Completed;
            var status = await (isEnd ? _retries : ResiliencePipeline<HttpStatusCode>.Empty).ExecuteAsync(async _ =>
                await PostAsync(target, state, isEnd ? EndTimeout : NewsTimeout)
            );
            if ((int)status is < 200 or > 299)
            {
                Log.Refused(_logger, state.Id, what, (int)status);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Log.NotTold(_logger, e, state.Id, what);
        }
    }

    private async Task<HttpStatusCode> PostAsync(WebhookTarget target, PredictionState state, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience, _time);
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Url)
        {
            Content = new PredictionContent(state),
        };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("leyden-model-server", "1"));
        if (_token is not null && _network.Allows(target.Url.IdnHost))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        }

        if (target.TraceParent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", target.TraceParent);
            request.Headers.TryAddWithoutValidation("tracestate", target.TraceState);
        }

        using var client = _httpClients.CreateClient(HttpClientName);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        return answer.StatusCode;
    }

    private static ResiliencePipeline<HttpStatusCode> CreateRetries(TimeProvider time) =>
        new ResiliencePipelineBuilder<HttpStatusCode> { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions<HttpStatusCode>
                {
                    MaxRetryAttempts = MaxRetries,
                    Delay = FirstDelay,
                    MaxDelay = LongestDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    ShouldHandle = new PredicateBuilder<HttpStatusCode>()
                        .HandleResult(status => (int)status is 429 or 500 or 502 or 503 or 504)
                        .Handle<OperationCanceledException>()
                        .Handle<HttpRequestException>(e => !ForbiddenAddressException.IsCauseOf(e)),
                }
            )
            .Build();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The webhook of {Prediction} answered {Event} with {Status}")]
        public static partial void Refused(ILogger logger, string prediction, WebhookEvent @event, int status);

        [LoggerMessage(2, LogLevel.Warning, "The webhook of {Prediction} was not told of {Event}")]
        public static partial void NotTold(ILogger logger, Exception reason, string prediction, WebhookEvent @event);
    }
}
