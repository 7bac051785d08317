using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Leyden.Local.Serving;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Local.Tests.Infrastructure;

/// <summary>A running <c>leyden serve</c> and a client of it.</summary>
internal sealed class LeydenServer : IDisposable
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddHttpClient().BuildServiceProvider();

    private LeydenServer(LeydenProcess process, Uri url)
    {
        Process = process;
        Http = Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        Http.BaseAddress = url;
        Http.Timeout = LeydenProcess.Patience;
    }

    public LeydenProcess Process { get; }

    public HttpClient Http { get; }

    public Uri Url => Http.BaseAddress!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a server on a free port and waits until it answers.</summary>
    public static async Task<LeydenServer> StartAsync(LeydenHome home)
    {
        var process = home.Start("serve", "--urls", "http://127.0.0.1:0");
        await process.SeeAsync("  keys  ");
        var file = ServerFile.Read(new DataFolder(home.Data));
        Assert.NotNull(file);
        return new LeydenServer(process, file.Url);
    }

    /// <summary>Asks for a prediction.</summary>
    /// <returns>Its id; null when the server went away meanwhile.</returns>
    public async Task<string?> CreateAsync(
        string prompt,
        string? idempotencyKey = null,
        int outputs = 1,
        string? webhook = null
    )
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
            body["webhook_url"] = webhook;
        }

        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/prediction")
        {
            Content = JsonContent.Create(body),
        };
        if (idempotencyKey is not null)
        {
            message.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        try
        {
            using var answer = await Http.SendAsync(message, Cancellation);
            var json = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {json}");
            return (string)json!["predictionID"]!;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    public async Task<JsonObject> GetAsync(string id) =>
        (await Http.GetFromJsonAsync<JsonObject>($"v1/prediction/{id}", Cancellation))!;

    /// <summary>Reads a prediction until it has ended.</summary>
    public async Task<JsonObject> EndAsync(string id, TimeSpan? patience = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var json = await GetAsync(id);
            if ((string?)json["status"] is "success" or "error" or "cancelled")
            {
                return json;
            }

            var isLate = TimeProvider.System.GetElapsedTime(start) > (patience ?? LeydenProcess.Patience);
            Assert.False(isLate, $"The prediction did not end: {json}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }

    public void Dispose() => Http.Dispose();
}
