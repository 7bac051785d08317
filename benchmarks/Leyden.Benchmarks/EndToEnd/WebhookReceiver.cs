using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Leyden.Benchmarks.EndToEnd;

/// <summary>Takes webhooks at once, and notes when each came.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public string Url => $"{_app.Urls.Single()}/hook";

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits for so many webhooks.</summary>
    /// <exception cref="OperationCanceledException">They do not come within five minutes.</exception>
    public async Task<IReadOnlyList<Delivery>> TakeAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var taken = new List<Delivery>(count);
        while (taken.Count < count)
        {
            taken.Add(await _deliveries.Reader.ReadAsync(patience.Token));
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var arrived = TimeProvider.System.GetUtcNow();
        var body = await JsonNode.ParseAsync(context.Request.Body);
        await _deliveries.Writer.WriteAsync(
            new Delivery((string)body!["id"]!, (DateTimeOffset)body["completed_at"]!, arrived)
        );
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}

/// <summary>A webhook that came.</summary>
/// <param name="Prediction">Whose end it tells.</param>
/// <param name="Ended">When that was.</param>
/// <param name="Arrived">When it came.</param>
internal sealed record Delivery(string Prediction, DateTimeOffset Ended, DateTimeOffset Arrived);
