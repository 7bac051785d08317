using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Local.Serving;
using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>Runs predictions in the server that owns the data folder, over its HTTP API.</summary>
/// <param name="server">The server.</param>
/// <param name="time">Measures the intervals.</param>
internal sealed class RemoteSession(ServerConnection server, TimeProvider time) : IPredictionSession
{
    private const int MaxFaults = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestStream = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    /// <summary>Prepares to talk to a server.</summary>
    /// <exception cref="SetupException">The server needs a key and none is set.</exception>
    public static RemoteSession Open(ServerFile server, HttpClient http) =>
        new(ServerConnection.Open(server, http, AnswerTime), TimeProvider.System);

    /// <inheritdoc/>
    public async Task<PredictionView> StartAsync(PredictionRequest request, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["model"] = request.Model, ["input"] = request.Input.DeepClone() };
        if (request.Backend is not null)
        {
            body["backend"] = request.Backend;
        }

        using var message = server.Message(HttpMethod.Post, "v1/prediction");
        message.Content = JsonContent.Create(body);
        if (request.Deadline is { } deadline)
        {
            message.Headers.Add("Cancel-After", $"{Math.Ceiling(deadline.TotalSeconds):0}s");
        }

        using var answer = await server.Http.SendAsync(message, cancellationToken);
        var json = await ReadAsync(answer, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.BadRequest && json["errors"] is JsonArray errors)
        {
            throw new UsageException([.. errors.Select(ReadError).Select(GenerateRequest.InTermsOfOptions)]);
        }

        if (answer.StatusCode == HttpStatusCode.Unauthorized)
        {
            throw server.NotAdmitted();
        }

        if (!answer.IsSuccessStatusCode || !PredictionId.TryParse((string?)json["predictionID"], out var id))
        {
            throw new HttpRequestException(
                $"The server at {server.Http.BaseAddress} answered {(int)answer.StatusCode}: {json["error"]}"
            );
        }

        return new PredictionView
        {
            Id = id,
            Status = PredictionStatus.Queued,
            Backend = request.Backend ?? "",
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PredictionView> FollowAsync(
        PredictionId id,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? known = null;
        for (var faults = 0; ; )
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LongestStream);
            using var answer = await OpenEventsAsync(id, known, limit.Token);
            faults = answer is null ? faults + 1 : 0;
            await using var events = Events(answer, limit.Token);
            while (await NextAsync(events, cancellationToken) is { } next)
            {
                if (next.EventType == "status")
                {
                    known = next.EventId;
                    var view = View(id, JsonNode.Parse(next.Data)!.AsObject());
                    yield return view;
                    if (view.Status.IsTerminal())
                    {
                        yield break;
                    }
                }
            }

            if (faults == MaxFaults)
            {
                throw new HttpRequestException($"The server at {server.Http.BaseAddress} does not answer any more.");
            }

            await Task.Delay(Interval, time, cancellationToken); // it closed the stream, or is being restarted
        }
    }

    /// <inheritdoc/>
    public async Task CancelAsync(PredictionId id, CancellationToken cancellationToken)
    {
        using var message = server.Message(HttpMethod.Post, $"v1/prediction/{id}/cancel");
        using var answer = await server.Http.SendAsync(message, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Conflict) // too late: following tells the end
        {
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <inheritdoc/>
    /// <remarks>The URL is the permission. It may lead to Blob Storage, which must not see the key.</remarks>
    public Task<Stream> OpenOutputAsync(PredictionView prediction, int index, CancellationToken cancellationToken) =>
        server.Http.GetStreamAsync(prediction.Outputs[index], cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens the stream of what changes; null when the server does not answer now, such as when it is restarted.</summary>
    private async Task<HttpResponseMessage?> OpenEventsAsync(
        PredictionId id,
        string? known,
        CancellationToken cancellationToken
    )
    {
        using var message = server.Message(HttpMethod.Get, $"v1/prediction/{id}/events");
        if (known is not null)
        {
            message.Headers.Add("Last-Event-ID", known);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await server.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e)
            when (e is HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return null;
        }

        if (answer.StatusCode == HttpStatusCode.OK)
        {
            return answer;
        }

        using (answer)
        {
            return answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized
                ? throw new HttpRequestException(
                    $"The server at {server.Http.BaseAddress} answered {(int)answer.StatusCode} when asked for prediction {id}."
                )
                : null;
        }
    }

    private static IAsyncEnumerator<SseItem<string>> Events(
        HttpResponseMessage? answer,
        CancellationToken cancellationToken
    ) =>
        SseParser
            .Create(answer?.Content.ReadAsStream(cancellationToken) ?? Stream.Null)
            .EnumerateAsync(cancellationToken)
            .GetAsyncEnumerator(cancellationToken);

    /// <summary>The next event; null when the stream has ended or broken.</summary>
    private static async Task<SseItem<string>?> NextAsync(
        IAsyncEnumerator<SseItem<string>> events,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await events.MoveNextAsync() ? events.Current : null;
        }
        catch (Exception e)
            when (e is IOException or HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return null;
        }
    }

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

    private static InputError ReadError(JsonNode? error) =>
        new((string?)error?["field"] ?? "", (string?)error?["message"] ?? "");

    private static PredictionView View(PredictionId id, JsonObject json) =>
        new()
        {
            Id = id,
            Status = Status((string?)json["status"]),
            Backend = (string?)json["backend"] ?? "",
            Storing = (bool?)json["storing"] ?? false,
            Ahead = (int?)json["queue_position"] - 1,
            CancelRequested = json["cancel_requested_at"] is not null,
            Seed = uint.TryParse(json["input"]?["seed"]?.ToString(), out var seed) ? seed : null,
            Outputs = json["output"] switch
            {
                JsonArray several => [.. several.Select(o => (string)o!)],
                JsonValue one => [(string)one!],
                _ => [],
            },
            Duration = Seconds(json["metrics"]?["total_time"]),
            PredictTime = Seconds(json["metrics"]?["predict_time"]),
            Cost = (decimal?)json["metrics"]?["cost"],
            Failure = (string?)json["error_code"] is { } code
                ? new PredictionFailure(
                    code,
                    (bool?)json["error_retryable"] ?? false,
                    (string?)json["error_message"] ?? "",
                    (string?)json["error_detail"]
                )
                : null,
            Notes = json["notes"] is JsonArray notes ? [.. notes.Select(n => (string)n!)] : [],
        };

    private static TimeSpan? Seconds(JsonNode? node) =>
        (double?)node is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static PredictionStatus Status(string? word) =>
        Enum.GetValues<PredictionStatus>()
            .Where(status => Api.Eachlabs.EachlabsDialect.StatusWord(status) == word)
            .Cast<PredictionStatus?>()
            .FirstOrDefault()
        ?? throw new HttpRequestException($"The server's answer has a status that is not known here: {word}.");
}
