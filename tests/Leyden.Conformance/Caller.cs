using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Conformance;

/// <summary>A caller of the API.</summary>
/// <param name="baseUrl">The host.</param>
/// <param name="key">The key; null to send none.</param>
public sealed class Caller(Uri baseUrl, string? key)
{
    /// <summary>Generous: the machine may be busy with other things, and the backend a real one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly string[] Ends = ["success", "error", "cancelled"];
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);
    private static readonly ServiceProvider Services = new ServiceCollection()
        .AddHttpClient(nameof(Caller), client => client.Timeout = Patience)
        .ConfigurePrimaryHttpMessageHandler(() =>
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }
        )
        .Services.BuildServiceProvider();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The host.</summary>
    public Uri BaseUrl => baseUrl;

    /// <summary>The key; null when none is sent.</summary>
    public string? Key => key;

    public static HttpContent Text(string json) => new StringContent(json, Encoding.UTF8, "application/json");

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> HeadAsync(string path) => SendAsync(HttpMethod.Head, path);

    public Task<Answer> DeleteAsync(string id) => SendAsync(HttpMethod.Delete, $"v1/prediction/{id}");

    public Task<Answer> CancelAsync(string id) => SendAsync(HttpMethod.Post, $"v1/prediction/{id}/cancel");

    public Task<Answer> PostAsync(string path, HttpContent? body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public Task<Answer> CreateAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        PostAsync("v1/prediction", Text(body.ToJsonString()), headers);

    public Task<Answer> RunAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        PostAsync("v1/prediction/run", Text(body.ToJsonString()), headers);

    /// <param name="method">The method.</param>
    /// <param name="path">A path of the host, or a URL of wherever.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Headers beside the key, which another host than ours does not get.</param>
    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? body = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = Request(method, path, body, headers);
        using var answer = await SendAsync(request, HttpCompletionOption.ResponseContentRead);
        return new Answer(
            answer.StatusCode,
            answer.Headers,
            answer.Content.Headers,
            await answer.Content.ReadAsByteArrayAsync(Stop)
        );
    }

    /// <summary>Sends a request as it is and gives the answer as it is.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        HttpCompletionOption completion,
        CancellationToken? stop = null
    )
    {
        using var client = Services.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(Caller));
        return await client.SendAsync(request, completion, stop ?? Stop);
    }

    /// <summary>A request with the key.</summary>
    public HttpRequestMessage Request(
        HttpMethod method,
        string path,
        HttpContent? body = null,
        params (string Name, string Value)[] headers
    )
    {
        var url = new Uri(baseUrl, path);
        var request = new HttpRequestMessage(method, url) { Content = body };
        if (key is not null && url.Authority == baseUrl.Authority)
        {
            request.Headers.Add("X-API-Key", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>Creates a prediction and expects that it is accepted.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> AcceptedAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        (await CreateAsync(body, headers)).Ok().Id;

    /// <summary>Reads a prediction that is there.</summary>
    public async Task<JsonObject> ReadAsync(string id) => (await GetAsync($"v1/prediction/{id}")).Ok().Json;

    /// <summary>Waits for a prediction to have a status; fails at once when it has ended with another.</summary>
    public async Task<JsonObject> UntilAsync(string id, params string[] words)
    {
        JsonObject? seen = null;
        await EventuallyAsync(
            async () =>
            {
                seen = await ReadAsync(id);
                var status = (string)seen["status"]!;
                Assert.True(words.Contains(status) || !Ends.Contains(status), $"It ended otherwise: {seen}");
                return words.Contains(status);
            },
            $"prediction {id} being {string.Join(" or ", words)}"
        );
        return seen!;
    }

    /// <summary>Waits for the end of a prediction, whatever it is.</summary>
    public Task<JsonObject> EndAsync(string id) => UntilAsync(id, Ends);

    /// <summary>Creates a prediction and waits for its success.</summary>
    public async Task<JsonObject> SucceededAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        await UntilAsync(await AcceptedAsync(body, headers), "success");

    /// <summary>Creates a prediction and waits for its failure.</summary>
    public async Task<JsonObject> FailedAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        await UntilAsync(await AcceptedAsync(body, headers), "error");

    /// <summary>Waits until something holds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"Not within {Patience}: {what}");
            await Task.Delay(Between, TimeProvider.System, Stop);
        }
    }
}
