using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api;

/// <summary>Reads request bodies as JSON objects, bounded in size and depth, whatever the host allows.</summary>
public static class JsonBody
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The largest delivery of events, in bytes: what Event Grid sends at once.</summary>
    internal const int MaxEventBytes = 1024 * 1024;

    /// <summary>Reads a body.</summary>
    /// <returns>The object. Every name and text in it is valid Unicode without NUL, so that it can be written and passed on.</returns>
    /// <exception cref="ApiException">The body is too large (413), not declared as JSON (415) or no such object (400).</exception>
    public static async Task<JsonObject> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckType(request);
        using var document = Parse(await ReadBytesAsync(request, MaxBytes, cancellationToken));
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "The body must be a JSON object.");
        }

        return StrictJson.ToNode(document.RootElement, out var error) as JsonObject
            ?? throw new ApiException(StatusCodes.Status400BadRequest, error!.Message, [error]);
    }

    /// <summary>Reads a larger body of any kind of JSON. Dispose the document; its texts are yet to be checked.</summary>
    /// <exception cref="ApiException">The body is too large (413), not declared as JSON (415) or no JSON (400).</exception>
    internal static async Task<JsonDocument> ReadDocumentAsync(
        HttpRequest request,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        CheckType(request);
        return Parse(await ReadBytesAsync(request, maxBytes, cancellationToken));
    }

    /// <summary>Refuses a body by its declared size, before any of it is read.</summary>
    /// <exception cref="ApiException">The body is too large (413).</exception>
    internal static void CheckLength(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }
    }

    private static void CheckType(HttpRequest request)
    {
        if (request.ContentType is { Length: > 0 } && !request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The body must be JSON; send it with Content-Type: application/json."
            );
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return StrictJson.Parse(bytes);
        }
        catch (FormatException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"The body is not valid JSON: {e.Message}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(
        HttpRequest request,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        CheckLength(request, maxBytes);

        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096) + 1);
        int read;
        while ((read = await request.Body.ReadAsync(buffer.GetMemory(4096), cancellationToken)) > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > maxBytes)
            {
                throw TooLarge(maxBytes);
            }
        }

        return buffer.WrittenMemory;
    }

    private static ApiException TooLarge(int maxBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {maxBytes / 1024} kB.");
}
