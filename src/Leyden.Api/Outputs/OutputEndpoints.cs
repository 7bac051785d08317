using Leyden.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Outputs;

/// <summary>The route of signed picture links, where the host itself serves a folder's objects.</summary>
public sealed class OutputEndpoints(IObjectStore objects, IOptions<StorageOptions> storage, IServiceProvider services)
{
    /// <summary><c>GET /outputs/{token}/{fileName}</c>: a picture, or a part of it.</summary>
    public Task<IResult> GetAsync(ApiCall call)
    {
        if (string.IsNullOrWhiteSpace(storage.Value.Folder))
        {
            throw new ApiException(
                StatusCodes.Status404NotFound,
                "Pictures are in Blob Storage here, not at this address."
            );
        }

        // Asked for now: where pictures are in Blob Storage there is no signer.
        var signer = services.GetRequiredService<OutputUrlSigner>();
        var values = call.Request.RouteValues;
        return OutputHandlers.GetAsync(
            values["token"] as string ?? "",
            values["fileName"] as string ?? "",
            signer,
            objects,
            call.Aborted
        );
    }
}
