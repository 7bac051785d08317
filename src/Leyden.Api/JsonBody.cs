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

    private const int MaxDepth = 32;
    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException">The body is too large (413), not declared as JSON (415) or no JSON object (400).</exception>
    public static async Task<JsonObject> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType is { Length: > 0 } && !request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The body must be JSON; send it with Content-Type: application/json."
            );
        }

        var bytes = await ReadBytesAsync(request, cancellationToken);
        try
        {
            // Parsed into a document first: a node made of one reports doubled names and lone surrogates late and differently.
            using var document = JsonDocument.Parse(bytes, Strict);
            return JsonObject.Create(document.RootElement.Clone())
                ?? throw new ApiException(StatusCodes.Status400BadRequest, "The body must be a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"The body is not valid JSON: {e.Message}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096) + 1);
        int read;
        while ((read = await request.Body.ReadAsync(buffer.GetMemory(4096), cancellationToken)) > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxBytes)
            {
                throw TooLarge();
            }
        }

        return buffer.WrittenMemory;
    }

    private static ApiException TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {MaxBytes / 1024} kB.");
}
