using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests;

/// <summary>A caller of the API.</summary>
/// <param name="http">Calls the host.</param>
/// <param name="key">The key; null to send none.</param>
public sealed class ApiClient(HttpClient http, string? key)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Where the host is.</summary>
    public Uri BaseUrl => http.BaseAddress!;

    /// <summary>A small and so quickly emulated picture.</summary>
    public static JsonObject Body(string prompt, params (string Field, JsonNode? Value)[] input)
    {
        var fields = new JsonObject
        {
            ["prompt"] = prompt,
            ["width"] = "256",
            ["height"] = 256,
        };
        foreach (var (field, value) in input)
        {
            fields[field] = value;
        }

        return new JsonObject { ["model"] = "sdxl-lightning-4step", ["input"] = fields };
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> DeleteAsync(string id) => SendAsync(HttpMethod.Delete, $"/v1/prediction/{id}", null);

    public Task<Answer> CancelAsync(string id) => SendAsync(HttpMethod.Post, $"/v1/prediction/{id}/cancel", null);

    public Task<Answer> CreateAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        PostAsync("/v1/prediction", Text(body.ToJsonString()), headers);

    public Task<Answer> RunAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        PostAsync("/v1/prediction/run", Text(body.ToJsonString()), headers);

    public Task<Answer> PostAsync(string path, HttpContent? body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public static HttpContent Text(string json) => new StringContent(json, Encoding.UTF8, "application/json");

    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? body,
        params (string Name, string Value)[] headers
    )
    {
        using var request = Request(method, path, body, headers);
        using var answer = await http.SendAsync(request, Stop);
        return new Answer(
            answer.StatusCode,
            answer.Headers,
            answer.Content.Headers.ContentType?.MediaType,
            await answer.Content.ReadAsStringAsync(Stop)
        );
    }

    /// <summary>Sends a request and leaves without waiting for the answer.</summary>
    public async Task SendAndLeaveAsync(HttpRequestMessage request, Func<bool> until)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var answer = http.SendAsync(request, leave.Token);
        await EventuallyAsync(() => Task.FromResult(until()), "the moment to leave");
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    /// <summary>Sends a request as it is and gives the answer as it is.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => http.SendAsync(request, Stop);

    /// <summary>Sends a request and gives the answer as soon as it begins.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request) =>
        http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);

    public HttpRequestMessage Request(
        HttpMethod method,
        string path,
        HttpContent? body = null,
        params (string Name, string Value)[] headers
    )
    {
        var request = new HttpRequestMessage(method, new Uri(BaseUrl, path)) { Content = body };
        if (key is not null)
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
    public async Task<JsonObject> ReadAsync(string id) => (await GetAsync($"/v1/prediction/{id}")).Ok().Json;

    /// <summary>Waits for a prediction to have a status.</summary>
    public async Task<JsonObject> UntilAsync(string id, params string[] words)
    {
        JsonObject? seen = null;
        await EventuallyAsync(
            async () =>
            {
                seen = await ReadAsync(id);
                return words.Contains(StatusOf(seen));
            },
            $"prediction {id} being {string.Join(" or ", words)}"
        );
        return seen!;
    }

    /// <summary>Creates a prediction and waits for its success.</summary>
    public async Task<JsonObject> SucceededAsync(JsonNode body, params (string Name, string Value)[] headers)
    {
        var ended = await UntilAsync(await AcceptedAsync(body, headers), "success", "error", "cancelled");
        Assert.True(StatusOf(ended) == "success", ended.ToJsonString());
        return ended;
    }

    /// <summary>Whether a prediction has not ended.</summary>
    public static bool IsOpen(JsonObject prediction) => StatusOf(prediction) is "created" or "starting" or "processing";

    public static string StatusOf(JsonObject prediction) => prediction["status"]!.GetValue<string>();

    public static string IdOf(JsonObject prediction) => prediction["id"]!.GetValue<string>();

    /// <summary>Waits until something holds, for a minute at most.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, $"Not within {Patience}: {what}");
            await Task.Delay(Between, TimeProvider.System, Stop);
        }
    }
}
