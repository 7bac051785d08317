using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Leyden.ModelServer.Tests;

/// <summary>Stands at the other end of webhooks: keeps what comes, answers as it is told.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly ConcurrentQueue<int> _answers = new();
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<Received> All => [.. _received];

    public string Url => $"{_app.Urls.Single()}/hook";

    /// <summary>Completed to let requests be answered; none waits by default.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.KeepAsync);
        await app.StartAsync(TestServer.Cancellation);
        return receiver;
    }

    /// <summary>The next requests are answered with these statuses, later ones with 200.</summary>
    public void AnswerWith(params int[] statuses) => Array.ForEach(statuses, _answers.Enqueue);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task KeepAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        _received.Enqueue(
            new(
                body.RootElement.Clone(),
                http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)
            )
        );
        await Gate;
        http.Response.StatusCode = _answers.TryDequeue(out var status) ? status : 200;
    }

    internal sealed record Received(JsonElement Json, IReadOnlyDictionary<string, string> Headers)
    {
        public string Status => Json.GetProperty("status").GetString()!;

        public bool HasOutput => Json.TryGetProperty("output", out _);
    }
}
