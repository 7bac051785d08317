using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Functions.Tests.Infrastructure;

/// <summary>Calls the API of a host.</summary>
internal sealed class ApiCaller : IDisposable
{
    /// <summary>Generous: the machine may be busy with other things.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly ServiceProvider Services = new ServiceCollection().AddHttpClient().BuildServiceProvider();

    public ApiCaller(Uri url)
    {
        Http = Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        Http.BaseAddress = url;
        Http.Timeout = Patience;
    }

    public HttpClient Http { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Asks for a prediction.</summary>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="outputs">How many pictures.</param>
    /// <param name="webhook">Who is told of its start and its end.</param>
    public async Task<string> CreateAsync(string prompt, int outputs = 1, Uri? webhook = null)
    {
        var input = new JsonObject
        {
            ["prompt"] = prompt,
            ["width"] = 256,
            ["height"] = 256,
            ["num_outputs"] = outputs,
        };
        var body = new JsonObject { ["model"] = "sdxl-lightning-4step", ["input"] = input };
        if (webhook is not null)
        {
            body["webhook_url"] = webhook.AbsoluteUri;
            body["webhook_events_filter"] = new JsonArray("start", "completed");
        }

        using var answer = await Http.PostAsJsonAsync("v1/prediction", body, Cancellation);
        var json = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {json}");
        return (string)json!["predictionID"]!;
    }

    public async Task<JsonObject> GetAsync(string id) =>
        (await Http.GetFromJsonAsync<JsonObject>($"v1/prediction/{id}", Cancellation))!;

    /// <summary>Reads a prediction until it has ended.</summary>
    public async Task<JsonObject> EndAsync(string id)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var json = await GetAsync(id);
            if ((string?)json["status"] is "success" or "error" or "cancelled")
            {
                return json;
            }

            var isLate = TimeProvider.System.GetElapsedTime(start) > Patience;
            Assert.False(isLate, $"The prediction did not end: {json}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }

    public void Dispose() => Http.Dispose();
}
