using System.Net;
using Leyden.Net;
using Leyden.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Outputs;

/// <summary>Streams one output of a backend into the object store.</summary>
public sealed partial class OutputFetcher(
    IHttpClientFactory httpClients,
    OutputWriter writer,
    IOptions<OutputOptions> options,
    TimeProvider timeProvider,
    ILogger<OutputFetcher> logger
)
{
    /// <summary>The named HTTP client of downloads.</summary>
    public const string HttpClientName = "outputs";

    private readonly OutputOptions _options = options.Value;

    /// <summary>Fetches an output. A repeat writes the same object again.</summary>
    /// <param name="source">
    /// An http(s) or Base64 data URL. Redirects are not followed, and only addresses that <see cref="NetworkOptions"/> permits
    /// are called.
    /// </param>
    /// <param name="target">Where to store it.</param>
    /// <param name="cancellationToken">Stops fetching.</param>
    /// <remarks>Faults of the object store are thrown as they come.</remarks>
    public async Task<FetchOutcome> FetchAsync(Uri source, ObjectKey target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var timeout = new CancellationTokenSource(_options.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var outcome = await FetchWithinAsync(source, target, either.Token);
            Report(outcome, target);
            return outcome;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var outcome = OutputFailures.Unavailable(
                $"fetching it took longer than {_options.Timeout.TotalSeconds:0.#} s"
            );
            Report(outcome, target);
            return outcome;
        }
    }

    private async Task<FetchOutcome> FetchWithinAsync(Uri source, ObjectKey target, CancellationToken cancellationToken)
    {
        if (!source.IsAbsoluteUri)
        {
            return OutputFailures.Refused("the backend gave no absolute URL");
        }

        return source.Scheme switch
        {
            "http" or "https" => await DownloadAsync(source, target, cancellationToken),
            "data" => await DecodeAsync(source, target, cancellationToken),
            _ => OutputFailures.Refused("the backend gave a URL that is neither http(s) nor data"),
        };
    }

    private async Task<FetchOutcome> DownloadAsync(Uri source, ObjectKey target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        try
        {
            using var client = httpClients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            if (Judge(response) is { } refusal)
            {
                return refusal;
            }

            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await writer.WriteAsync(content, target, cancellationToken);
        }
        catch (HttpRequestException fault) when (ForbiddenAddressException.IsCauseOf(fault))
        {
            return OutputFailures.Refused($"its address ({source.Host}) is not on the public internet");
        }
        catch (HttpRequestException fault)
        {
            Log.DownloadFailed(logger, target, fault);
            return OutputFailures.Unavailable($"{source.Host} did not answer");
        }
    }

    private FetchOutcome? Judge(HttpResponseMessage response) =>
        response.StatusCode switch
        {
            HttpStatusCode.OK => response.Content.Headers.ContentLength > _options.MaxBytes
                ? OutputFailures.TooLarge(_options.MaxBytes)
                : null,
            >= (HttpStatusCode)300 and < (HttpStatusCode)400 => OutputFailures.Refused(
                "its address redirects elsewhere, which is not followed"
            ),
            // Also 404: an output may show up at its address a moment after the prediction ends.
            var status => OutputFailures.Unavailable($"its address answered {(int)status}"),
        };

    private async Task<FetchOutcome> DecodeAsync(Uri source, ObjectKey target, CancellationToken cancellationToken)
    {
        if (!DataUrl.TryParse(source, out var data))
        {
            return OutputFailures.Refused("the backend gave a data URL that is not Base64");
        }

        await using var content = data.Open();
        return await writer.WriteAsync(content, target, cancellationToken);
    }

    private void Report(FetchOutcome outcome, ObjectKey target)
    {
        switch (outcome)
        {
            case FetchOutcome.Unavailable unavailable:
                Log.NotStored(logger, target, unavailable.Failure.Message);
                break;
            case FetchOutcome.Refused refused:
                Log.NotStored(logger, target, refused.Failure.Message);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Output {Key} is not stored: {Reason}")]
        public static partial void NotStored(ILogger logger, ObjectKey key, string reason);

        [LoggerMessage(2, LogLevel.Debug, "The download of output {Key} failed")]
        public static partial void DownloadFailed(ILogger logger, ObjectKey key, Exception fault);
    }
}
