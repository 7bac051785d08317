using Leyden.Net;
using Leyden.Outputs;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Leyden.Api;

/// <summary>Makes the absolute URLs that answers contain.</summary>
public sealed class Links(
    IObjectStore objects,
    DeploymentAddress address,
    IOptions<PredictionOptions> predictions,
    TimeProvider time
)
{
    /// <summary>A URL of this deployment.</summary>
    /// <param name="request">Tells the address where none is configured.</param>
    /// <param name="path">Below the root, starting with a slash.</param>
    public string To(HttpRequest request, string path) => Root(request) + path;

    /// <summary>A URL of this deployment for somebody who has not called it.</summary>
    public string ToKnown(string path) => (address.Known ?? "") + path;

    /// <summary>A link to each picture, valid for a while without a key.</summary>
    public Task<IReadOnlyList<string>> ToOutputsAsync(
        HttpRequest request,
        IReadOnlyList<PredictionOutput> outputs,
        CancellationToken cancellationToken
    ) => ToOutputsAsync(path => To(request, path), outputs, cancellationToken);

    /// <summary>The same for somebody who has not called this deployment.</summary>
    public Task<IReadOnlyList<string>> ToKnownOutputsAsync(
        IReadOnlyList<PredictionOutput> outputs,
        CancellationToken cancellationToken
    ) => ToOutputsAsync(ToKnown, outputs, cancellationToken);

    private async Task<IReadOnlyList<string>> ToOutputsAsync(
        Func<string, string> absolute,
        IReadOnlyList<PredictionOutput> outputs,
        CancellationToken cancellationToken
    )
    {
        var expiresAt = time.GetUtcNow() + predictions.Value.OutputUrlLifetime;
        var links = new string[outputs.Count];
        for (var i = 0; i < links.Length; i++)
        {
            var url = await objects.CreateReadUrlAsync(outputs[i].Key, expiresAt, cancellationToken);
            links[i] = url.IsAbsoluteUri ? url.AbsoluteUri : absolute(url.OriginalString);
        }

        return links;
    }

    // HTTP/1.0 needs no Host: then links are relative to whatever the caller called.
    private string Root(HttpRequest request) =>
        address.Public ?? (request.Host.HasValue ? $"{request.Scheme}://{request.Host.ToUriComponent()}" : "");
}
