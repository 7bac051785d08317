using System.Net.Http.Headers;

namespace Leyden.Conformance;

/// <summary>
/// An open stream of server-sent events, with what the parser of the framework passes over: comments and the wish when to come back.
/// </summary>
public sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage answer, Stream body)
    {
        _answer = answer;
        _lines = new StreamReader(body);
    }

    public HttpContentHeaders ContentHeaders => _answer.Content.Headers;

    public HttpResponseHeaders Headers => _answer.Headers;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the stream of a prediction, once its headers are there.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The prediction.</param>
    /// <param name="known">The id of the last event that the client has; null when it has none.</param>
    public static async Task<EventReader> OpenAsync(Caller caller, string id, string? known = null)
    {
        (string, string)[] headers = known is null ? [] : [("Last-Event-ID", known)];
        using var request = caller.Request(HttpMethod.Get, PathOf(id), null, headers);
        var answer = await Caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync(Stop));
    }

    /// <summary>The path of the stream of a prediction.</summary>
    public static string PathOf(string id) => $"v1/prediction/{id}/events";

    /// <summary>Waits for the next block, comments included.</summary>
    /// <returns>The block; null at the end of the stream.</returns>
    public async Task<ServerEvent?> NextAsync()
    {
        var fields = new Dictionary<string, string>();
        while (
            await _lines.ReadLineAsync(Stop).AsTask().WaitAsync(Caller.Patience, TimeProvider.System, Stop) is { } line
        )
        {
            if (line.Length > 0)
            {
                var parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
                fields.Add(parts[0], parts[1]);
            }
            else if (fields.Count > 0)
            {
                return new ServerEvent(fields);
            }
        }

        Assert.Empty(fields);
        return null;
    }

    /// <summary>Waits for the next block for which something holds; those before are passed over.</summary>
    public async Task<ServerEvent> NextAsync(Func<ServerEvent, bool> holds)
    {
        while (await NextAsync() is { } next)
        {
            if (holds(next))
            {
                return next;
            }
        }

        throw new EndOfStreamException("The stream ended before.");
    }

    /// <summary>All that follows, until the host closes the stream.</summary>
    public async Task<IReadOnlyList<ServerEvent>> RestAsync()
    {
        var all = new List<ServerEvent>();
        while (await NextAsync() is { } next)
        {
            all.Add(next);
        }

        return all;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _answer.Dispose();
    }
}

/// <summary>A block of a stream, with its fields; a comment has the empty name.</summary>
public sealed record ServerEvent(IReadOnlyDictionary<string, string> Fields)
{
    public string? Type => Fields.GetValueOrDefault("event");

    public string? Id => Fields.GetValueOrDefault("id");

    public bool IsComment => Fields.ContainsKey("");

    public JsonObject Json => JsonNode.Parse(Fields["data"])!.AsObject();

    /// <summary>The status of the prediction; null in all but <c>status</c> events.</summary>
    public string? Status => Type == "status" ? (string?)Json["status"] : null;
}
