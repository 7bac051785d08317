using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Leyden.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>
/// Tells by an HTTP POST in the form of Standard Webhooks. Only addresses that <see cref="NetworkOptions"/> permits are called, judged
/// anew for each connection; no redirect is followed; of an answer only the beginning is read.
/// </summary>
public sealed partial class WebhookChannel(
    IHttpClientFactory httpClients,
    WebhookSecrets secrets,
    IPredictionWriter predictions,
    IOptions<WebhookOptions> options,
    TimeProvider time,
    ILogger<WebhookChannel> logger
) : INotificationChannel
{
    /// <summary>The named HTTP client.</summary>
    public const string HttpClientName = "webhooks";

    /// <summary>The header that carries the creator's secret as it is, which is how Eachlabs proves that it called.</summary>
    public const string VerbatimSecretHeader = "X-Webhook-Secret";

    private const int ExcerptBytes = 300;

    /// <inheritdoc/>
    public ChannelKind Kind => ChannelKind.Webhook;

    /// <inheritdoc/>
    public async Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        var url = new Uri(notification.Target.Address);
        using var request = await WriteAsync(notification, url, cancellationToken);
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var client = httpClients.CreateClient(HttpClientName);
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(answer, await ReadExcerptAsync(answer, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var seconds = options.Value.Timeout.TotalSeconds;
            return new ChannelAnswer(AnswerKind.Failed, Fault: $"{url.Host} did not answer within {seconds:0.#} s.");
        }
        catch (HttpRequestException fault) when (ForbiddenAddressException.IsCauseOf(fault))
        {
            return new ChannelAnswer(
                AnswerKind.Failed,
                Fault: $"{url.Host} leads to an address that is not on the public internet; it was not called."
            );
        }
        catch (HttpRequestException fault)
        {
            Log.NotReached(logger, fault, notification.Prediction.Id.Value, url.Host);
            return new ChannelAnswer(AnswerKind.Failed, Fault: $"{url.Host} could not be reached: {Words(fault)}.");
        }
    }

    private async Task<HttpRequestMessage> WriteAsync(
        Notification notification,
        Uri url,
        CancellationToken cancellationToken
    )
    {
        var shown = await predictions.WriteAsync(notification.Prediction, cancellationToken);
        var body = NotificationPayload.Write(shown, prediction => WebhookPayload.Write(notification, prediction));
        var (keys, verbatim) = await secrets.ForAsync(notification.Prediction, notification.Target, cancellationToken);
        var now = time.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Leyden", "1"));
        request.Headers.Add("webhook-id", notification.MessageId);
        request.Headers.Add(
            "webhook-timestamp",
            now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
        request.Headers.Add(
            "webhook-signature",
            string.Join(' ', keys.Select(key => key.Sign(notification.MessageId, now, body)))
        );
        if (verbatim is not null)
        {
            request.Headers.TryAddWithoutValidation(VerbatimSecretHeader, verbatim);
        }

        return request;
    }

    private ChannelAnswer Judge(HttpResponseMessage answer, string? excerpt)
    {
        var status = (int)answer.StatusCode;
        var kind = answer.StatusCode switch
        {
            >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous => AnswerKind.Accepted,
            HttpStatusCode.Gone => AnswerKind.Gone,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout =>
                AnswerKind.Throttled,
            _ => AnswerKind.Failed,
        };
        var fault = answer.StatusCode switch
        {
            HttpStatusCode.Gone => "The receiver wants no more events (410).",
            >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => "Redirects are not followed.",
            _ => null,
        };
        var asked = answer.Headers.RetryAfter;
        return new ChannelAnswer(kind, status, fault, excerpt, asked?.Delta ?? (asked?.Date - time.GetUtcNow()));
    }

    private static async Task<string?> ReadExcerptAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[ExcerptBytes];
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        int read;
        try
        {
            read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (IOException)
        {
            return null; // cut off after its head: the status counts all the same
        }

        var text = Encoding.UTF8.GetString(buffer, 0, read);
        return read == 0 ? null : new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
    }

    private static string Words(HttpRequestException fault) =>
        fault.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "its name has no address",
            HttpRequestError.ConnectionError => "it refused the connection",
            HttpRequestError.SecureConnectionError => "its certificate is not valid, or TLS failed",
            HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse => "it broke the connection off",
            _ => "the connection failed",
        };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "A webhook of prediction {Id} did not reach {Host}")]
        public static partial void NotReached(ILogger logger, Exception fault, string id, string host);
    }
}
