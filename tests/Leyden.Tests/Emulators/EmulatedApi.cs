using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Tests.Emulators;

/// <summary>An emulator and a plain HTTP client of it.</summary>
internal sealed class EmulatedApi : IAsyncDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler());

    private EmulatedApi(EachlabsEmulator emulator) => Emulator = emulator;

    public EachlabsEmulator Emulator { get; }

    /// <summary>A header line; empty for none.</summary>
    public string KeyHeader { get; set; } = "X-API-Key: any";

    public static async Task<EmulatedApi> StartAsync(EachlabsEmulatorOptions options, TimeProvider? time = null) =>
        new(await EachlabsEmulator.StartAsync(options, TestContext.Current.CancellationToken, time));

    public static JsonObject Body(string prompt) =>
        new()
        {
            ["model"] = "sdxl-lightning-4step",
            ["version"] = "0.0.1",
            ["input"] = new JsonObject
            {
                ["prompt"] = prompt,
                ["width"] = "256",
                ["height"] = "256",
                ["seed"] = null,
            },
        };

    public async Task<string> CreateAsync(string prompt)
    {
        var (status, answer) = await PostAsync("v1/prediction/", Body(prompt));
        Assert.Equal(HttpStatusCode.OK, status);
        return (string)answer["predictionID"]!;
    }

    public Task<(HttpStatusCode Status, JsonNode Answer)> GetAsync(string path) =>
        SendAsync(HttpMethod.Get, path, null);

    public Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string path, JsonNode? body) =>
        SendAsync(HttpMethod.Post, path, body);

    /// <returns>The status, and the answer as JSON; an empty object where there is none.</returns>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(Emulator.BaseUrl, path));
        if (KeyHeader.Split(": ") is [var name, var value])
        {
            request.Headers.Add(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Emulator.DisposeAsync();
    }
}
