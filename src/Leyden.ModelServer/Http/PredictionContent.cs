using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Leyden.ModelServer.Predictions;

namespace Leyden.ModelServer.Http;

/// <summary>A prediction as the body of a request, written as it is sent.</summary>
internal sealed class PredictionContent : HttpContent
{
    private readonly PredictionState _state;

    public PredictionContent(PredictionState state)
    {
        _state = state;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await PredictionJson.WriteAsync(pipe, _state, new PredictionView(), cancellationToken);
        await pipe.CompleteAsync();
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false; // sent in chunks
    }
}
