using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace Leyden.Storage;

/// <summary>
/// Shared access signatures that read one blob: by the account's key where it is known, else by a user delegation key, which
/// a managed identity asks for and which is used again until it would end before a URL does.
/// </summary>
internal sealed class BlobReadUrls(BlobServiceClient service, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestKeyLife = TimeSpan.FromDays(7);
    private static readonly TimeSpan UsualKeyLife = TimeSpan.FromDays(1);

    // URLs asked for one after the other end one after the other: without it each would need a key of its own.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile UserDelegationKey? _key;

    public async ValueTask<Uri> CreateAsync(
        BlobClient blob,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    )
    {
        var sas = new BlobSasBuilder(BlobSasPermissions.Read, expiresAt)
        {
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Resource = "b",
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        return blob.CanGenerateSasUri
            ? blob.GenerateSasUri(sas)
            : blob.GenerateUserDelegationSasUri(sas, await KeyAsync(expiresAt, cancellationToken));
    }

    public void Dispose() => _asking.Dispose();

    private async ValueTask<UserDelegationKey> KeyAsync(DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        if (_key is { } key && key.SignedExpiresOn >= expiresAt)
        {
            return key;
        }

        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_key is { } other && other.SignedExpiresOn >= expiresAt)
            {
                return other;
            }

            var now = time.GetUtcNow();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(expiresAt, now + LongestKeyLife);
            var until = Earlier(Later(now + UsualKeyLife, expiresAt) + Margin, now + LongestKeyLife);
            UserDelegationKey fresh = await service.GetUserDelegationKeyAsync(
                new BlobGetUserDelegationKeyOptions(until),
                cancellationToken
            );
            return _key = fresh;
        }
        finally
        {
            _asking.Release();
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
