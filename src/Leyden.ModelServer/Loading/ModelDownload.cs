using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Leyden.Diffusion;
using Leyden.Identity;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Loading;

/// <summary>
/// Downloads what lies below a prefix of Blob Storage. A file that is there with the right length is kept, so that a restart on the same
/// disk costs little; what the files hold is for the checksum to tell.
/// </summary>
internal sealed class ModelDownload(IOptions<ModelSourceOptions> options)
{
    /// <summary>The end of the name of a file that is not complete.</summary>
    public const string PartialSuffix = ".partial";

    private const int AtOnce = 4;
    private const int MaxFiles = 10_000;

    /// <summary>Downloads the model, if it is configured to come from Blob Storage.</summary>
    /// <exception cref="ModelDirectoryException">There is nothing below the prefix, or a name that is no relative path.</exception>
    /// <exception cref="Azure.RequestFailedException">The storage account refused.</exception>
    public async Task RunAsync(string directory, SetupLog log, CancellationToken cancellationToken)
    {
        if (options.Value.BlobAddress is not { } address)
        {
            return;
        }

        var (container, prefix) = Open(address);
        log.Say($"Downloading {address} to {directory}.");
        var blobs = new List<BlobItem>();
        await foreach (
            var blob in container.GetBlobsAsync(
                Azure.Storage.Blobs.Models.BlobTraits.None,
                BlobStates.None,
                prefix,
                cancellationToken
            )
        )
        {
            if (blobs.Count == MaxFiles)
            {
                throw new ModelDirectoryException(
                    address.ToString(),
                    $"has more than {MaxFiles} files, so it is no model."
                );
            }

            blobs.Add(blob);
        }

        if (blobs.Count == 0)
        {
            throw new ModelDirectoryException(address.ToString(), "there are no files below this prefix.");
        }

        await Parallel.ForEachAsync(
            blobs,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (blob, token) =>
                await FetchAsync(container.GetBlobClient(blob.Name), Target(directory, blob.Name, prefix), blob, token)
        );
        var bytes = blobs.Sum(b => b.Properties.ContentLength ?? 0);
        log.Say(string.Create(CultureInfo.InvariantCulture, $"{blobs.Count} files, {bytes / 1e6:0.0} MB."));
    }

    private (BlobContainerClient Container, string Prefix) Open(Uri address)
    {
        var parts = new BlobUriBuilder(address);
        var prefix = parts.BlobName.Length == 0 ? "" : parts.BlobName.TrimEnd('/') + "/";
        // An older protocol that has all that is needed, so that an Azurite of last year still understands it.
        var client = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04);
        if (options.Value.ConnectionString is { Length: > 0 } connection)
        {
            return (new BlobContainerClient(connection, parts.BlobContainerName, client), prefix);
        }

        parts.BlobName = "";
        return (new BlobContainerClient(parts.ToUri(), DeploymentIdentity.CreateCredential(), client), prefix);
    }

    private static async Task FetchAsync(
        BlobClient blob,
        string target,
        BlobItem item,
        CancellationToken cancellationToken
    )
    {
        if (File.Exists(target) && new FileInfo(target).Length == item.Properties.ContentLength)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var partial = target + PartialSuffix;
        await blob.DownloadToAsync(partial, cancellationToken);
        File.Move(partial, target, overwrite: true);
    }

    /// <summary>Where in the directory a file belongs.</summary>
    /// <exception cref="ModelDirectoryException">Its name is no relative path.</exception>
    internal static string Target(string directory, string name, string prefix)
    {
        var path = name[prefix.Length..];
        if (path.Split('/').Any(part => part is "" or "." or "..") || path.Contains('\\', StringComparison.Ordinal))
        {
            throw new ModelDirectoryException(name, "is no name of a file of a model.");
        }

        return Path.Combine([directory, .. path.Split('/')]);
    }
}
