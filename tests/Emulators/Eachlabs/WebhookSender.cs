using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary>Posts a finished prediction to the address that its create named. One attempt; a receiver that fails misses it.</summary>
internal sealed partial class WebhookSender(
    EachlabsEmulatorOptions options,
    EachlabsFaults faults,
    EachlabsCounters counters,
    PredictionJson json,
    IHttpClientFactory httpClients,
    TimeProvider timeProvider,
    IHostApplicationLifetime lifetime,
    ILogger<WebhookSender> logger
)
{
    private const int Repeats = 20;

    public const string HttpClientName = "webhooks";

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>Sends the webhook when the prediction finishes.</summary>
    public void Watch(EmulatedPrediction prediction, string baseUrl)
    {
        if (prediction.WebhookUrl is not null && prediction.End != EmulatedEnd.Never)
        {
            _ = WaitAndSendAsync(prediction, baseUrl);
        }
    }

    /// <summary>Sends the webhook now, unless it was sent.</summary>
    public void Send(EmulatedPrediction prediction, string baseUrl) => _ = SendAsync(prediction, baseUrl);

    /// <summary>Sends the webhook before the create is answered, on command.</summary>
    public async Task SendEarlyAsync(EmulatedPrediction prediction, string baseUrl)
    {
        if (faults.Happens(EachlabsFault.WebhookBeforeAnswer, prediction.Prompt))
        {
            await SendAsync(prediction, baseUrl);
        }
    }

    private async Task WaitAndSendAsync(EmulatedPrediction prediction, string baseUrl)
    {
        try
        {
            // A timer may fire a little early by the clock that decides how far the prediction is.
            while (prediction.FinishesAt - timeProvider.GetUtcNow() is var left && left > TimeSpan.Zero)
            {
                var wait = left < ShortestWait ? ShortestWait : left;
                await Task.Delay(wait, timeProvider, lifetime.ApplicationStopping);
            }

            await SendAsync(prediction, baseUrl);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The emulator stops: nobody expects the webhook any more.
        }
    }

    private async Task SendAsync(EmulatedPrediction prediction, string baseUrl)
    {
        if (
            options.Webhook == WebhookForm.None
            || faults.Happens(EachlabsFault.WebhookLost, prediction.Prompt)
            || !prediction.TryTakeWebhook()
        )
        {
            return;
        }

        var times = faults.Happens(EachlabsFault.WebhookRepeated, prediction.Prompt) ? Repeats : 1;
        await Task.WhenAll(Enumerable.Range(0, times).Select(_ => PostAsync(prediction, baseUrl)));
    }

    private async Task PostAsync(EmulatedPrediction prediction, string baseUrl)
    {
        JsonObject payload =
            options.Webhook == WebhookForm.Execution
                ? json.ShowExecution(prediction, baseUrl)
                : json.Show(prediction, baseUrl);
        using var request = new HttpRequestMessage(HttpMethod.Post, prediction.WebhookUrl);
        request.Content = new StringContent(payload.ToJsonString(), Encoding.UTF8, "application/json");
        if (prediction.WebhookSecret is { } secret)
        {
            request.Headers.TryAddWithoutValidation("X-Webhook-Secret", secret);
        }

        try
        {
            using var response = await httpClients
                .CreateClient(HttpClientName)
                .SendAsync(request, lifetime.ApplicationStopping);
            if (response.IsSuccessStatusCode)
            {
                counters.WebhookDelivered();
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            Log.NotDelivered(logger, prediction.Id, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The webhook of prediction {Id} was not delivered.")]
        public static partial void NotDelivered(ILogger logger, string id, Exception fault);
    }
}
