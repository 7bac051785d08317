using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Leyden.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Leyden.Functions.Tests.Infrastructure;

/// <summary>A webhook endpoint that takes everything, unless a test says otherwise.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WebhookReceiver(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single() + "/hook");

    public ConcurrentQueue<ReceivedWebhook> Received { get; } = [];

    /// <summary>Whether a webhook is answered with 500, given what it says.</summary>
    public Func<JsonObject, bool> Refuses { get; set; } = _ => false;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts it.</summary>
    /// <param name="took">Hears of each webhook before its sender does.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<WebhookReceiver> StartAsync(
        Func<ObservedRequest, ValueTask> took,
        CancellationToken cancellationToken
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(async context =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: CancellationToken.None);
            receiver.Received.Enqueue(new((string?)context.Request.Headers["webhook-id"], body!.AsObject()));
            if (receiver.Refuses(body.AsObject()))
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            }

            await took(new(context.Request.Method, context.Request.Path, "", HttpStatusCode.OK));
            receiver._completed.TrySetResult();
        });
        await app.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Waits until the webhook of the prediction's end has come.</summary>
    public Task CompletedAsync() => _completed.Task.WaitAsync(ApiCaller.Patience, TimeProvider.System, Cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>A webhook that came.</summary>
/// <param name="Id">Its <c>webhook-id</c>.</param>
/// <param name="Body">What it says.</param>
internal sealed record ReceivedWebhook(string? Id, JsonObject Body);
