using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Leyden.Backends.Container;

/// <summary>
/// The requests of Cog's HTTP API (docs/http.md in replicate/cog). Each is sent once, or again with another token when the container's door
/// turned it away; whoever reads an answer does so within the request's time limit.
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
    ) => SendAsync(new(HttpMethod.Get, "health-check", null, _options.HealthTimeout), read, cancellationToken);

    /// <summary>Runs a prediction and waits for its answer.</summary>
    public Task<T> RunAsync<T>(
        string id,
        JsonObject input,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        var body = new JsonObject { ["input"] = input.DeepClone() };
        return SendAsync(new(HttpMethod.Put, $"predictions/{id}", body, _options.RunTimeout), read, cancellationToken);
    }

    /// <summary>Asks to stop a prediction.</summary>
    public Task<T> CancelAsync<T>(
        string id,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            new(HttpMethod.Post, $"predictions/{id}/cancel", [], _options.HealthTimeout),
            read,
            cancellationToken
        );

    /// <summary>Reads an answer that is not a prediction's.</summary>
    /// <exception cref="HttpRequestException">It breaks off, or is longer than 1 MB.</exception>
    public static async Task<byte[]> ReadSmallAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await content.LoadIntoBufferAsync(MaxSmallAnswerBytes, cancellationToken);
        return await content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<T> SendAsync<T>(
        CogRequest request,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        string? token;
        try
        {
            token = await tokens.GetAsync(cancellationToken);
        }
        catch (ContainerTokenException fault)
        {
            return await read(new CogAnswer.NoToken(fault.Message), cancellationToken);
        }

        return await SendAsync(request, token, ReadOrRepeatAsync, cancellationToken);

        // What the door turns away has not begun, so that a token newer than the one that was turned away may be tried.
        async Task<T> ReadOrRepeatAsync(CogAnswer answer, CancellationToken stop) =>
            answer is CogAnswer.Received { Status: 401 }
            && token is not null
            && await tokens.RenewAsync(token, stop) is { } renewed
                ? await SendAsync(request, renewed, read, cancellationToken)
                : await read(answer, stop);
    }

    private async Task<T> SendAsync<T>(
        CogRequest request,
        string? token,
        Func<CogAnswer, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(request.TimeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var content = request.Body is null ? null : new TrackedJsonContent(CogJson.Write(request.Body));
        using var message = new HttpRequestMessage(request.Method, $"{_options.BaseUrl!.TrimEnd('/')}/{request.Path}");
        message.Content = content;
        message.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        var hasAnswered = false;
        try
        {
            using var client = httpClients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(
                message,
                HttpCompletionOption.ResponseHeadersRead,
                either.Token
            );
            hasAnswered = true;
            return await read(new CogAnswer.Received((int)response.StatusCode, response.Content), either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !hasAnswered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await read(new CogAnswer.TimedOut(request.TimeLimit), cancellationToken);
        }
        catch (HttpRequestException fault) when (!hasAnswered)
        {
            var wasSent = content?.HandedOver ?? !IsNobodyThere(fault);
            return await read(new CogAnswer.Lost(wasSent, HttpFaults.Describe(fault)), cancellationToken);
        }
    }

    private static bool IsNobodyThere(HttpRequestException fault) =>
        fault.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError;

    private sealed record CogRequest(HttpMethod Method, string Path, JsonObject? Body, TimeSpan TimeLimit);
}
