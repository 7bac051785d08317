using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Leyden.Backends.Container;

/// <summary>
/// The requests of Cog's HTTP API (docs/http.md in replicate/cog). Each is sent once; whoever reads an answer does so within the
/// request's time limit.
/// </summary>
internal sealed class CogClient(
    IHttpClientFactory httpClients,
    IContainerTokens tokens,
    IOptions<ContainerOptions> options,
    TimeProvider timeProvider
)
{
    /// <summary>The named HTTP client.</summary>
    public const string HttpClientName = "container";

    private const int MaxSmallAnswerBytes = 1 << 20;
    private readonly ContainerOptions _options = options.Value;

    /// <summary>Asks for the container's health.</summary>
    public Task<T> GetHealthAsync<T>(
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) => SendAsync(HttpMethod.Get, "health-check", null, _options.HealthTimeout, read, cancellationToken);

    /// <summary>Runs a prediction and waits for its answer.</summary>
    public Task<T> RunAsync<T>(
        string id,
        JsonObject input,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        var body = new JsonObject { ["input"] = input.DeepClone() };
        return SendAsync(HttpMethod.Put, $"predictions/{id}", body, _options.RunTimeout, read, cancellationToken);
    }

    /// <summary>Asks to stop a prediction.</summary>
    public Task<T> CancelAsync<T>(
        string id,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) => SendAsync(HttpMethod.Post, $"predictions/{id}/cancel", [], _options.HealthTimeout, read, cancellationToken);

    /// <summary>Reads an answer that is not a prediction's.</summary>
    /// <exception cref="HttpRequestException">It breaks off, or is longer than 1 MB.</exception>
    public static async Task<byte[]> ReadSmallAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await content.LoadIntoBufferAsync(MaxSmallAnswerBytes, cancellationToken);
        return await content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        JsonObject? body,
        TimeSpan timeLimit,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(timeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var content = body is null ? null : new TrackedJsonContent(CogJson.Write(body));
        using var request = new HttpRequestMessage(method, $"{_options.BaseUrl!.TrimEnd('/')}/{path}");
        request.Content = content;
        var hasAnswered = false;
        try
        {
            if (await tokens.GetAsync(either.Token) is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var client = httpClients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                either.Token
            );
            hasAnswered = true;
            return await read(new CogAnswer.Received((int)response.StatusCode, response.Content), either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !hasAnswered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await read(new CogAnswer.TimedOut(timeLimit), cancellationToken);
        }
        catch (HttpRequestException fault) when (!hasAnswered)
        {
            var wasSent = content?.HandedOver ?? !IsNobodyThere(fault);
            return await read(new CogAnswer.Lost(wasSent, HttpFaults.Describe(fault)), cancellationToken);
        }
    }

    private static bool IsNobodyThere(HttpRequestException fault) =>
        fault.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError;
}
