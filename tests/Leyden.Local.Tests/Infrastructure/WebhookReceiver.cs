using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Leyden.Local.Tests.Infrastructure;

/// <summary>Somebody who is told by HTTP, and answers with the status that the test wants.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.Single()}/hook";

    public int Status { get; set; } = StatusCodes.Status204NoContent;

    /// <summary>The ids and bodies of all that came, whatever was answered.</summary>
    public ConcurrentQueue<(string? Id, JsonObject Body)> Received { get; } = [];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(async context =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body);
            receiver.Received.Enqueue((context.Request.Headers["webhook-id"], body!.AsObject()));
            context.Response.StatusCode = receiver.Status;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
