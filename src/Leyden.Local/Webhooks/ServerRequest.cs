using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Local.Records;
using Leyden.Local.Serving;

namespace Leyden.Local.Webhooks;

/// <summary>Asks the server that owns the data folder: only whoever has the durable engine can put deliveries on their way.</summary>
internal static class ServerRequest
{
    private const int MaxAnswerBytes = 1024 * 1024;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    /// <summary>Sends a POST.</summary>
    /// <returns>The answer; null when it is 404.</returns>
    /// <exception cref="SetupException">No server runs, or it does not admit the key.</exception>
    public static async Task<JsonObject?> PostAsync(
        OwnerRecords records,
        string path,
        CancellationToken cancellationToken
    )
    {
        var clients = records.Services.GetRequiredService<IHttpClientFactory>();
        var server =
            await new RunningServer(clients, TimeProvider.System).FindAsync(
                records.Data,
                TimeSpan.Zero,
                cancellationToken
            )
            ?? throw new SetupException(
                $"No server runs on {records.Data.Path}, and only a server delivers: start one with leyden serve."
            );
        using var http = clients.CreateClient();
        http.Timeout = AnswerTime;
        http.MaxResponseContentBufferSize = MaxAnswerBytes;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, path));
        if (Environment.GetEnvironmentVariable(ServerConnection.KeyVariable) is { Length: > 0 } key)
        {
            request.Headers.Add("X-API-Key", key);
        }

        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return (int)answer.StatusCode switch
        {
            404 => null,
            401 => throw new SetupException(
                $"The server at {server.Url} needs the key of {records.Owner}: set {ServerConnection.KeyVariable}."
            ),
            >= 200 and < 300 => JsonNode.Parse(text)!.AsObject(),
            var status => throw new HttpRequestException(
                $"The server at {server.Url} answered {status}: {Error(text)}"
            ),
        };
    }

    private static string Error(string text)
    {
        try
        {
            return (string?)JsonNode.Parse(text)?["error"] ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
