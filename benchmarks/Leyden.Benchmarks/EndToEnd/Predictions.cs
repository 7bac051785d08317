using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>Asks for predictions in the Eachlabs dialect, of Leyden and of what it stands before alike.</summary>
internal static class Predictions
{
    /// <summary>Creates one of a small picture and gives its id.</summary>
    public static async Task<string> CreateAsync(HttpClient http, Uri address, string prompt, string? webhook = null)
    {
        var body = Body(prompt);
        if (webhook is not null)
        {
            body["webhook_url"] = webhook;
        }

        using var answer = await http.PostAsJsonAsync(new Uri(address, "v1/prediction/"), body);
        var json = await answer.Content.ReadFromJsonAsync<JsonObject>();
        return (string?)json?["predictionID"] ?? throw new InvalidOperationException($"Not created: {json}");
    }

    /// <summary>Reads one.</summary>
    public static async Task<JsonObject> ReadAsync(HttpClient http, Uri address, string id) =>
        await http.GetFromJsonAsync<JsonObject>(new Uri(address, $"v1/prediction/{id}"))
        ?? throw new InvalidOperationException("The answer is empty.");

    /// <summary>Creates one and waits in the same request for its end.</summary>
    public static async Task<JsonObject> RunAsync(HttpClient http, Uri address, string prompt)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(address, "v1/prediction/run"), Body(prompt));
        var json = await answer.Content.ReadFromJsonAsync<JsonObject>();
        return (string?)json?["status"] == "success"
            ? json
            : throw new InvalidOperationException($"Not a success: {json}");
    }

    /// <summary>The client of the seed document: create, then read every second.</summary>
    public static async Task<JsonObject> PollEverySecondAsync(HttpClient http, Uri address, string prompt)
    {
        var id = await CreateAsync(http, address, prompt);
        while (true)
        {
            var prediction = await ReadAsync(http, address, id);
            if ((string?)prediction["status"] == "success")
            {
                return prediction;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    private static JsonObject Body(string prompt) =>
        new()
        {
            ["model"] = "sdxl-lightning-4step",
            ["input"] = new JsonObject
            {
                ["prompt"] = prompt,
                ["width"] = 256,
                ["height"] = 256,
                ["seed"] = prompt.Length.ToString(CultureInfo.InvariantCulture),
            },
        };
}
