using Leyden.Storage;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Outputs;

/// <summary>Serves the objects of a folder store. No key is asked for: the URL itself is the permission.</summary>
public static class OutputHandlers
{
    /// <summary>The route, for <c>GET</c> and <c>HEAD</c>.</summary>
    public const string Pattern = OutputUrlSigner.Root + "/{token}/{fileName}";

    /// <summary>
    /// Answers with the object, or a part of it, or 304; 403 when the URL has expired, 404 when it is forged or its object is gone.
    /// </summary>
    public static async Task<IResult> GetAsync(
        string token,
        string fileName,
        OutputUrlSigner signer,
        IObjectStore objects,
        CancellationToken cancellationToken
    )
    {
        switch (signer.Check(token, fileName))
        {
            case OutputAccess.Granted granted:
                var found = await objects.GetAsync(granted.Key, cancellationToken);
                return found is null
                    ? new OutputProblemResult(StatusCodes.Status404NotFound, "The output was deleted.")
                    : new OutputResult(found, fileName, granted.Left);
            case OutputAccess.Expired:
                return new OutputProblemResult(
                    StatusCodes.Status403Forbidden,
                    "The link has expired. Ask for the prediction again to get a new one."
                );
            default:
                return new OutputProblemResult(StatusCodes.Status404NotFound, "There is no output at this address.");
        }
    }
}
