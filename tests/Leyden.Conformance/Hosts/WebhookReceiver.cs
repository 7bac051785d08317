using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Conformance.Hosts;

/// <summary>
/// Takes the webhooks of all tests, each at an address of its own. It listens on this machine, or, for a host elsewhere, at the port of
/// <c>LEYDEN_CONFORMANCE_RECEIVER</c>, the URL by which that host reaches this machine.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<string, Inbox> _inboxes = new();
    private WebApplication? _app;
    private Uri? _url;

    /// <summary>Whether a host reaches this machine.</summary>
    public static bool IsReachedFrom(Uri host) => EnvironmentHost.Receiver is not null || host.IsLoopback;

    /// <summary>Opens an address.</summary>
    /// <param name="answer">The status for each request, given its number from 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Inbox> OpenAsync(Func<int, int> answer, CancellationToken cancellationToken)
    {
        var given = EnvironmentHost.Receiver;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _app ??= await StartAsync(given is null ? "http://127.0.0.1:0" : $"http://*:{given.Port}");
            _url ??= given ?? new Uri(_app.Urls.Single());
        }
        finally
        {
            _gate.Release();
        }

        var path = $"/{Body.Unique}";
        return _inboxes[path] = new Inbox(new Uri(_url, path), answer);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<WebApplication> StartAsync(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Run(TakeAsync);
        await app.StartAsync(CancellationToken.None);
        return app;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(
            h => h.Key,
            h => h.Value.ToString(),
            StringComparer.OrdinalIgnoreCase
        );
        context.Response.StatusCode = _inboxes.TryGetValue(context.Request.Path, out var inbox)
            ? inbox.Take(new Webhook(headers, body.ToArray()))
            : StatusCodes.Status404NotFound;
    }
}

/// <summary>One address that webhooks are sent to.</summary>
/// <param name="url">The address.</param>
/// <param name="answer">The status for each request, given its number from 1.</param>
public sealed class Inbox(Uri url, Func<int, int> answer)
{
    private readonly ConcurrentQueue<Webhook> _taken = [];
    private int _count;

    public string Url => url.AbsoluteUri;

    /// <summary>Waits for so many webhooks.</summary>
    /// <returns>All that have come, in order.</returns>
    public async Task<IReadOnlyList<Webhook>> UntilAsync(int count)
    {
        await Caller.EventuallyAsync(() => Task.FromResult(_taken.Count >= count), $"{count} webhooks");
        return [.. _taken];
    }

    internal int Take(Webhook webhook)
    {
        _taken.Enqueue(webhook);
        return answer(Interlocked.Increment(ref _count));
    }
}

/// <summary>A webhook as it arrived, byte for byte.</summary>
public sealed record Webhook(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string Type => (string)Json["type"]!;

    public string Id => Headers["webhook-id"];
}
