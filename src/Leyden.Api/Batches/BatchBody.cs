using System.Runtime.CompilerServices;
using Leyden.Batches;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Leyden.Api.Batches;

/// <summary>Reads the body of a batch: one JSON document, which is read into memory, or JSON Lines, which are taken in as they arrive.</summary>
internal static class BatchBody
{
    private static readonly string[] LineTypes =
    [
        JsonLines.ContentType,
        "application/x-ndjson",
        "application/x-jsonlines",
    ];

    /// <summary>Reads the items; faults of the body as a whole are thrown while they are asked for.</summary>
    public static IAsyncEnumerable<BatchLine> Read(ApiCall call)
    {
        var isLines =
            MediaTypeHeaderValue.TryParse(call.Request.ContentType, out var type)
            && LineTypes.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase);
        if (!isLines)
        {
            return ReadDocumentAsync(call.Request, call.Caller, call.Aborted);
        }

        JsonBody.CheckLength(call.Request, BatchLines.MaxBytes);
        return BatchLines.ReadAsync(call.Request.Body, call.Caller, call.Aborted);
    }

    private static async IAsyncEnumerable<BatchLine> ReadDocumentAsync(
        HttpRequest request,
        Owner owner,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var document = await JsonBody.ReadDocumentAsync(request, BatchLines.MaxBytes, cancellationToken);
        foreach (var line in BatchForm.Read(document.RootElement, owner))
        {
            yield return line;
        }
    }
}
