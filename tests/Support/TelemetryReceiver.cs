using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Leyden.TestSupport;

/// <summary>Stands at the other end of a telemetry exporter and keeps what it sends, whatever the path.</summary>
public sealed class TelemetryReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly WebApplication _app;

    private TelemetryReceiver(WebApplication app) => _app = app;

    /// <summary>Where to send to.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>Listens on a free port of this machine.</summary>
    public static async Task<TelemetryReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new TelemetryReceiver(app);
        app.Run(receiver.KeepAsync);
        await app.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>All that came to a path, as text: Protocol Buffers and JSON both show strings as they are.</summary>
    public string TextOf(string path) =>
        string.Concat(_received.Where(r => r.Path == path).Select(r => Encoding.UTF8.GetString(r.Body)));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task KeepAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await using Stream content =
            context.Request.Headers.ContentEncoding == "gzip"
                ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
                : context.Request.Body;
        await content.CopyToAsync(body, context.RequestAborted);
        _received.Enqueue(new(context.Request.Path, context.Request.ContentType, body.ToArray()));
        await Results.Json(new { }).ExecuteAsync(context);
    }

    /// <summary>One request of an exporter.</summary>
    public sealed record Received(string Path, string? ContentType, byte[] Body);
}
