using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Leyden.Storage;

/// <summary>
/// Objects as block blobs in one container of an Azure Storage account. The container is made with the first write. Failed
/// requests are repeated by the client's own policy, and a conditional write that lost only to an earlier attempt of its own
/// counts as won. A reader of a large object that is replaced meanwhile gets a <see cref="RequestFailedException"/>.
/// </summary>
/// <param name="service">The account. With a key of it, read URLs are signed with that; else with a user delegation key.</param>
/// <param name="container">The container's name.</param>
/// <param name="time">What the life of user delegation keys is measured by.</param>
public sealed class BlobObjectStore(BlobServiceClient service, string container, TimeProvider time)
    : IObjectStore,
        IDisposable
{
    private const string KeyListing = "blob/keys";
    private const string FolderListing = "blob/folders";

    // Records are far smaller: one request reads them whole.
    private const int SmallObjectBytes = 256 * 1024;
    private const int ReadBufferBytes = 1024 * 1024;
    private const int MaxReadAttempts = 5;
    private const string WriteId = "leydenwrite";

    private static readonly SearchValues<char> TagCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
    );

    // One request for any object up to Azure's limit. Blocks would be staged under the object's own name, where those of two
    // writers displace each other.
    private static readonly StorageTransferOptions OneRequest = new() { InitialTransferSize = 5000L * 1024 * 1024 };

    private readonly BlobContainerClient _container = service.GetBlobContainerClient(container);
    private readonly BlobReadUrls _urls = new(service, time);
    private readonly SemaphoreSlim _creating = new(1, 1);
    private volatile bool _created;

    /// <inheritdoc/>
    public async Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(key.Value);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadAsync(blob, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
            catch (RequestFailedException e) when (e.Status == 412 && attempt < MaxReadAttempts)
            {
                // Replaced between the two requests that open a large object.
            }
        }
    }

    /// <inheritdoc/>
    public async Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        ContentTypes.Check(contentType);
        if (condition.ETag is { } etag && (etag.Length == 0 || etag.AsSpan().ContainsAnyExcept(TagCharacters)))
        {
            // No tag of this store; and a star would match any.
            return null;
        }

        await CreateContainerAsync(cancellationToken);
        var blob = _container.GetBlobClient(key.Value);
        var writeId = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            Conditions = ConditionsOf(condition),
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [WriteId] = writeId },
            TransferOptions = OneRequest,
        };
        await using var spooled = content.CanSeek ? null : await SpooledContent.ReadAsync(content, cancellationToken);
        try
        {
            var response = await blob.UploadAsync(spooled ?? content, options, cancellationToken);
            return Unquoted(response.Value.ETag);
        }
        catch (RequestFailedException e)
            when (e.Status == 412 || (e.Status == 409 && e.ErrorCode == BlobErrorCode.BlobAlreadyExists))
        {
            return await FindOwnWriteAsync(blob, writeId, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await _container
            .GetBlobClient(key.Value)
            .DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions: null, cancellationToken);

    /// <inheritdoc/>
    public async Task<ObjectPage> ListAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ObjectPrefix.Check(prefix, limit);
        var marker = ListingCursor.Unwrap(KeyListing, prefix, cursor);
        var options = new GetBlobsOptions { Prefix = prefix };
        var page = await FirstAsync(
            _container.GetBlobsAsync(options, cancellationToken).AsPages(marker, limit),
            marker,
            cancellationToken
        );

        // Something else may have put blobs there whose names are no keys.
        var keys = new List<ObjectKey>();
        foreach (var blob in page?.Values ?? [])
        {
            if (ObjectKey.TryParse(blob.Name, out var key))
            {
                keys.Add(key);
            }
        }

        return new ObjectPage(keys, WrapNext(KeyListing, prefix, page?.ContinuationToken));
    }

    /// <inheritdoc/>
    public async Task<FolderPage> ListFoldersAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ObjectPrefix.Check(prefix, limit);
        var marker = ListingCursor.Unwrap(FolderListing, prefix, cursor);
        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" };
        var page = await FirstAsync(
            _container.GetBlobsByHierarchyAsync(options, cancellationToken).AsPages(marker, limit),
            marker,
            cancellationToken
        );
        var names = (page?.Values ?? []).Where(item => item.IsPrefix).Select(item => item.Prefix[prefix.Length..^1]);
        return new FolderPage([.. names], WrapNext(FolderListing, prefix, page?.ContinuationToken));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The account's key is not known and the moment is more than seven days away, which is the longest that Azure allows then.
    /// </exception>
    public ValueTask<Uri> CreateReadUrlAsync(
        ObjectKey key,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    ) => _urls.CreateAsync(_container.GetBlobClient(key.Value), expiresAt, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _urls.Dispose();
        _creating.Dispose();
    }

    private static async Task<StoredObject> ReadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        BlobDownloadResult small;
        try
        {
            var start = new BlobDownloadOptions { Range = new HttpRange(0, SmallObjectBytes) };
            small = await blob.DownloadContentAsync(start, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            // An empty blob has no range at all.
            small = await blob.DownloadContentAsync(cancellationToken);
        }

        var details = small.Details;
        var length = ContentRangeHeaderValue.TryParse(details.ContentRange, out var range)
            ? range.Length ?? details.ContentLength
            : details.ContentLength;
        var content =
            length <= SmallObjectBytes
                ? small.Content.ToStream()
                : await blob.OpenReadAsync(
                    new BlobOpenReadOptions(allowModifications: false)
                    {
                        BufferSize = ReadBufferBytes,
                        Conditions = new BlobRequestConditions { IfMatch = details.ETag },
                    },
                    cancellationToken
                );
        return new StoredObject(content, details.ContentType, length, Unquoted(details.ETag), details.LastModified);
    }

    private static BlobRequestConditions? ConditionsOf(WriteCondition condition) =>
        condition.MustBeAbsent ? new BlobRequestConditions { IfNoneMatch = ETag.All }
        : condition.ETag is { } etag ? new BlobRequestConditions { IfMatch = new ETag(etag) }
        : null;

    private static string Unquoted(ETag etag) => etag.ToString().Trim('"');

    // The client repeats a request whose answer was lost. The repeated one then meets what the first one wrote.
    private static async Task<string?> FindOwnWriteAsync(
        BlobClient blob,
        string writeId,
        CancellationToken cancellationToken
    )
    {
        try
        {
            BlobProperties present = await blob.GetPropertiesAsync(conditions: null, cancellationToken);
            return present.Metadata.TryGetValue(WriteId, out var id) && id == writeId ? Unquoted(present.ETag) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private async ValueTask CreateContainerAsync(CancellationToken cancellationToken)
    {
        if (_created)
        {
            return;
        }

        await _creating.WaitAsync(cancellationToken);
        try
        {
            if (!_created)
            {
                await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                _created = true;
            }
        }
        catch (RequestFailedException e) when (e.Status == 403)
        {
            // Whoever may write to a container made by others need not be allowed to make one: the write will tell.
            _created = true;
        }
        finally
        {
            _creating.Release();
        }
    }

    private static async Task<Page<T>?> FirstAsync<T>(
        IAsyncEnumerable<Page<T>> pages,
        string? marker,
        CancellationToken cancellationToken
    )
        where T : notnull
    {
        try
        {
            return await pages.FirstOrDefaultAsync(cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // No container: nothing was written yet.
            return null;
        }
        catch (RequestFailedException e) when (e.Status == 400 && marker is not null)
        {
            throw new InvalidCursorException("The cursor is none that this listing gave.");
        }
    }

    private static string? WrapNext(string listing, string prefix, string? marker) =>
        string.IsNullOrEmpty(marker) ? null : ListingCursor.Wrap(listing, prefix, marker);
}
