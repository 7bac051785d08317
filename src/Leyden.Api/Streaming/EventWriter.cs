using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Leyden.Api.Streaming;

/// <summary>
/// Writes server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). The framework's own writer has no
/// comments, which are what keeps a silent connection open.
/// </summary>
internal sealed class EventWriter(HttpResponse response)
{
    /// <summary>Sends the headers, and how soon a client shall connect again when the connection ends.</summary>
    public Task BeginAsync(TimeSpan retry, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // proxies: pass on each event as it comes
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return RetryAsync(retry, cancellationToken);
    }

    /// <summary>Tells how soon a client shall connect again.</summary>
    public Task RetryAsync(TimeSpan retry, CancellationToken cancellationToken) =>
        WriteAsync(
            string.Create(CultureInfo.InvariantCulture, $"retry: {(long)retry.TotalMilliseconds}\n\n"),
            cancellationToken
        );

    /// <summary>Sends an event.</summary>
    /// <param name="type">Its name.</param>
    /// <param name="data">One line.</param>
    /// <param name="id">Where a client that connects again goes on; null to leave that as it was.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task SendAsync(string type, string data, string? id, CancellationToken cancellationToken) =>
        WriteAsync($"event: {type}\n{(id is null ? "" : $"id: {id}\n")}data: {data}\n\n", cancellationToken);

    /// <summary>Sends a comment, which clients pass over.</summary>
    public Task CommentAsync(string text, CancellationToken cancellationToken) =>
        WriteAsync($": {text}\n\n", cancellationToken);

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
