using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Api.Batches;
using Leyden.Batches;
using Leyden.Local.Serving;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Local.Batches;

/// <summary>Runs a batch in the server that owns the data folder, over its HTTP API.</summary>
internal sealed class RemoteBatchSession(ServerConnection server) : IBatchSession
{
    /// <summary>Ten thousand items are stored before the answer to their submission.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(5);

    /// <summary>Prepares to talk to a server.</summary>
    /// <exception cref="SetupException">The server needs a key and none is set.</exception>
    public static RemoteBatchSession Open(ServerFile server, HttpClient http) =>
        new(ServerConnection.Open(server, http, AnswerTime));

    /// <inheritdoc/>
    public async Task<BatchView> SubmitAsync(BatchFile file, string key, CancellationToken cancellationToken)
    {
        using var message = server.Message(HttpMethod.Post, "v1/batches");
        message.Content = new ByteArrayContent(file.Lines);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(JsonLines.ContentType);
        message.Headers.Add("Idempotency-Key", key);
        using var answer = await server.Http.SendAsync(message, cancellationToken);
        var json = await ReadAsync(answer, cancellationToken);
        return answer.StatusCode switch
        {
            HttpStatusCode.BadRequest when json["errors"] is JsonArray errors => throw new UsageException([
                .. errors.Select(e => new InputError((string?)e?["field"] ?? "", (string?)e?["message"] ?? "")),
            ]),
            HttpStatusCode.UnprocessableEntity => throw BatchCommand.KeyReused(),
            HttpStatusCode.Unauthorized => throw server.NotAdmitted(),
            _ => View(answer, json),
        };
    }

    /// <inheritdoc/>
    public async Task<BatchView?> FindAsync(BatchId id, CancellationToken cancellationToken)
    {
        using var message = server.Message(HttpMethod.Get, $"v1/batches/{id}");
        using var answer = await server.Http.SendAsync(message, cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : View(answer, await ReadAsync(answer, cancellationToken));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BatchItem> ReadResultsAsync(
        BatchId id,
        int from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var message = server.Message(HttpMethod.Get, $"v1/batches/{id}/results?from={from}");
        using var answer = await server.Http.SendAsync(
            message,
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return Item(JsonNode.Parse(line)!.AsObject());
        }
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BatchId id, CancellationToken cancellationToken)
    {
        using var message = server.Message(HttpMethod.Post, $"v1/batches/{id}/cancel");
        using var answer = await server.Http.SendAsync(message, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Conflict) // too late: reading it tells the end
        {
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <inheritdoc/>
    /// <remarks>The URL is the permission. It may lead to Blob Storage, which must not see the key.</remarks>
    public async Task<Stream> OpenOutputAsync(string output, CancellationToken cancellationToken)
    {
        try
        {
            return await server.Http.GetStreamAsync(output, cancellationToken);
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            throw new IOException("A picture was deleted.", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }

    private BatchView View(HttpResponseMessage answer, JsonObject json)
    {
        if (!answer.IsSuccessStatusCode || !BatchId.TryParse((string?)json["id"], out var id))
        {
            throw new HttpRequestException(
                $"The server at {server.Http.BaseAddress} answered {(int)answer.StatusCode}: {json["error"]}"
            );
        }

        var counts = json["counts"]!;
        return new BatchView(
            id,
            Word<BatchStatus>((string?)json["status"], BatchDialect.StatusWord),
            new BatchCounts(
                (int)counts["total"]!,
                (int)counts["succeeded"]!,
                (int)counts["failed"]!,
                (int)counts["canceled"]!
            ),
            json["cancel_requested_at"] is not null,
            (string?)json["error"]
        );
    }

    private static BatchItem Item(JsonObject json) =>
        new(
            (int)json["index"]!,
            (string?)json["id"],
            Word<PredictionStatus>((string?)json["status"], Api.Eachlabs.EachlabsDialect.StatusWord),
            json["output"] switch
            {
                JsonArray several => [.. several.Select(o => (string)o!)],
                JsonValue one => [(string)one!],
                _ => [],
            },
            (string?)json["error"]
        );

    private static T Word<T>(string? word, Func<T, string> wordOf)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => wordOf(value) == word).Cast<T?>().FirstOrDefault()
        ?? throw new HttpRequestException($"The server's answer has a status that is not known here: {word}.");

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken) ?? [];
        }
        catch (JsonException e)
        {
            throw new HttpRequestException("The server's answer is no JSON.", e);
        }
    }
}
