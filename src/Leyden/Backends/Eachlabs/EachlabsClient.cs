using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Leyden.Backends.Eachlabs;

/// <summary>
/// The requests of the Eachlabs prediction API. A create is sent once: the pipeline of <see cref="SubmitClientName"/> repeats
/// nothing, and the handler below repeats a POST only when nothing of it was sent. Reads are repeated by the pipeline of
/// <see cref="ReadClientName"/>.
/// </summary>
internal sealed class EachlabsClient(
    IHttpClientFactory httpClients,
    IOptions<EachlabsOptions> options,
    TimeProvider timeProvider
)
{
    /// <summary>The named HTTP client of creates and cancels.</summary>
    public const string SubmitClientName = "eachlabs-submit";

    /// <summary>The named HTTP client of reads.</summary>
    public const string ReadClientName = "eachlabs-read";

    /// <summary>The longest answer that is read.</summary>
    public const int MaxAnswerBytes = 1 << 20;

    // A mistaken header must not park a prediction for years.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private readonly EachlabsOptions _options = options.Value;

    /// <summary>Asks for a prediction. Billed when accepted.</summary>
    public async Task<EachlabsAnswer> CreateAsync(JsonObject body, CancellationToken cancellationToken)
    {
        using var content = new TrackedJsonContent(EachlabsJson.Write(body));
        using var request = new HttpRequestMessage(HttpMethod.Post, AddressOf("v1/prediction/"));
        request.Content = content;
        return await SendAsync(
            SubmitClientName,
            request,
            _options.CreateTimeout,
            () => content.HandedOver,
            cancellationToken
        );
    }

    /// <summary>Reads a prediction.</summary>
    public async Task<EachlabsAnswer> GetAsync(EachlabsId id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf($"v1/prediction/{id}"));
        return await SendAsync(ReadClientName, request, _options.ReadTimeout, () => true, cancellationToken);
    }

    /// <summary>Asks to stop a prediction.</summary>
    public async Task<EachlabsAnswer> CancelAsync(EachlabsId id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, AddressOf($"v1/prediction/{id}/cancel"));
        return await SendAsync(SubmitClientName, request, _options.ReadTimeout, () => true, cancellationToken);
    }

    private async Task<EachlabsAnswer> SendAsync(
        string clientName,
        HttpRequestMessage request,
        TimeSpan timeLimit,
        Func<bool> wasSent,
        CancellationToken cancellationToken
    )
    {
        AddKey(request.Headers);
        using var timeout = new CancellationTokenSource(timeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var client = httpClients.CreateClient(clientName);
            using var response = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                either.Token
            );
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return new EachlabsAnswer.Received((int)response.StatusCode, body, RetryAfterOf(response.Headers));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return WithoutAnswer(wasSent(), $"no answer within {timeLimit.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException fault)
        {
            return WithoutAnswer(wasSent(), HttpFaults.Describe(fault));
        }
    }

    private static EachlabsAnswer WithoutAnswer(bool sent, string reason) =>
        sent ? new EachlabsAnswer.Lost(reason) : new EachlabsAnswer.NotSent(reason);

    private Uri AddressOf(string path) => new($"{_options.BaseUrl.TrimEnd('/')}/{path}");

    private void AddKey(HttpRequestHeaders headers)
    {
        if (_options.KeyHeader == EachlabsOptions.AuthorizationHeader)
        {
            headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        }
        else
        {
            headers.TryAddWithoutValidation(EachlabsOptions.ApiKeyHeader, _options.ApiKey);
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseHeaders headers)
    {
        var wait =
            headers.RetryAfter?.Delta
            ?? (headers.RetryAfter?.Date is { } date ? date - timeProvider.GetUtcNow() : (TimeSpan?)null);
        return wait is null ? null
            : wait < TimeSpan.Zero ? TimeSpan.Zero
            : wait > LongestRetryAfter ? LongestRetryAfter
            : wait;
    }
}
