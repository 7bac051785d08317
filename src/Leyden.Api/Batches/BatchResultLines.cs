using System.Text.Json;
using Leyden.Batches;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Batches;

/// <summary>Answers with the results of a batch, a line each, written as they are read: ten thousand take no more memory than twenty.</summary>
internal sealed class BatchResultLines(Batch batch, int from, BatchStore store, Links links) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var stop = httpContext.RequestAborted;
        response.ContentType = JsonLines.ContentType;
        await foreach (var result in store.ReadResultsAsync(batch, from, stop))
        {
            var outputs = await links.ToOutputsAsync(httpContext.Request, result.Outputs, stop);
            var line = BatchDialect.Write(result, outputs);
            await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, LeydenJson.Options), stop);
            await response.Body.WriteAsync("\n"u8.ToArray(), stop);
        }
    }
}
