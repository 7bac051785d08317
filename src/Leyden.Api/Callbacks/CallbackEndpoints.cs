using System.Buffers;
using System.Text.Json.Nodes;
using Leyden.Callbacks;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Callbacks;

/// <summary>The route by which backends report the end of predictions. The token in its path is the permission.</summary>
public sealed class CallbackEndpoints(CallbackReceiver receiver)
{
    /// <summary>The route.</summary>
    public const string Pattern = CallbackAddress.Path + "/{token}";

    // A report may carry the picture itself. What is beyond is left to the server, which drops it or cuts the connection.
    private const int MaxDroppedBytes = 4 * 1024 * 1024;

    /// <summary><c>POST /v1/callbacks/{token}</c>: 200 whatever came of it, so that nobody repeats it; 404 for a forged token.</summary>
    public async Task<IResult> ReceiveAsync(ApiCall call)
    {
        var token = call.Request.RouteValues["token"] as string ?? "";
        // The hint is taken whether or not its sender stays.
        if (!await receiver.ReceiveAsync(token, call.Client, CancellationToken.None))
        {
            throw new ApiException(StatusCodes.Status404NotFound, "There is nothing at this address.");
        }

        await DropBodyAsync(call.Request.Body, call.Aborted);
        return ApiAnswer.Json(new JsonObject { ["status"] = "ok" });
    }

    private static async Task DropBodyAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var left = MaxDroppedBytes;
            int read;
            while (left > 0 && (read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
