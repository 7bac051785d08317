using System.Net;
using System.Net.Http.Headers;

namespace Leyden.Backends;

/// <summary>
/// A JSON body that knows whether it was handed to a connection. Until then a failed request certainly did nothing: neither a
/// refused connection nor a failed TLS handshake gets to see the body. That is firmer ground than the type of an exception.
/// </summary>
internal sealed class TrackedJsonContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _json;
    private volatile bool _handedOver;

    public TrackedJsonContent(ReadOnlyMemory<byte> json)
    {
        _json = json;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public bool HandedOver => _handedOver;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        _handedOver = true;
        return stream.WriteAsync(_json, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length;
        return true;
    }
}
