using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests.Streaming;

/// <summary>An open stream of events, read with the parser of the framework.</summary>
public sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly HttpResponseMessage _answer;
    private readonly Stream _body;
    private readonly IAsyncEnumerator<SseItem<string>> _events;
    private readonly CancellationTokenSource _patience;

    private EventReader(HttpResponseMessage answer, Stream body, CancellationTokenSource patience)
    {
        _answer = answer;
        _body = body;
        _patience = patience;
        Parser = SseParser.Create(body);
        _events = Parser.EnumerateAsync(patience.Token).GetAsyncEnumerator();
    }

    /// <summary>Knows the last id and the time to wait before connecting again.</summary>
    public SseParser<string> Parser { get; }

    public HttpResponseMessage Answer => _answer;

    /// <summary>Opens a stream.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="id">The prediction.</param>
    /// <param name="known">The last event that the client has.</param>
    public static async Task<EventReader> OpenAsync(ApiClient client, string id, string? known = null)
    {
        (string, string)[] headers = known is null ? [] : [("Last-Event-ID", known)];
        using var request = client.Request(HttpMethod.Get, $"/v1/prediction/{id}/events", null, headers);
        var answer = await client.OpenAsync(request);
        var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync(patience.Token), patience);
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<SseItem<string>?> NextAsync() => await _events.MoveNextAsync() ? _events.Current : null;

    /// <summary>The next event of a name; those before are passed over.</summary>
    public async Task<SseItem<string>> NextAsync(string type)
    {
        while (await NextAsync() is { } next)
        {
            if (next.EventType == type)
            {
                return next;
            }
        }

        throw new EndOfStreamException($"The stream ended without an event {type}.");
    }

    /// <summary>All events until the stream ends.</summary>
    public async Task<IReadOnlyList<SseItem<string>>> RestAsync()
    {
        var rest = new List<SseItem<string>>();
        while (await NextAsync() is { } next)
        {
            rest.Add(next);
        }

        return rest;
    }

    public static JsonObject JsonOf(SseItem<string> item) => Assert.IsType<JsonObject>(JsonNode.Parse(item.Data));

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync();
        await _body.DisposeAsync();
        _answer.Dispose();
        _patience.Dispose();
    }
}
