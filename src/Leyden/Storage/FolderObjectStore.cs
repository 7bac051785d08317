namespace Leyden.Storage;

/// <summary>
/// Objects as files below a folder, for one machine: any number of processes may use the folder at a time. Every write is
/// flushed to the disk before it is answered. The folder has to be on one local file system that keeps modification times to
/// 100 ns (ext4, XFS, Btrfs, APFS, NTFS do), as they hold the entity tags. A key can not also be a folder of other keys.
/// </summary>
public sealed class FolderObjectStore : IObjectStore, IDisposable
{
    private const string KeyListing = "folder/keys";
    private const string FolderListingName = "folder/folders";

    // A type file goes missing only when its object is replaced between the opening of the two.
    private const int MaxReadAttempts = 10;

    private readonly FolderLayout _layout;
    private readonly FolderDirectories _directories;
    private readonly FolderListing _listing;
    private readonly FolderLocks _locks;
    private readonly FolderTypeFiles _types;
    private readonly IReadUrlSigner? _signer;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile FolderSession? _session;

    /// <summary>Names the folder. Nothing is read or made before the first use.</summary>
    /// <param name="folder">Made when it does not exist.</param>
    /// <param name="signer">Makes read URLs; null when the host serves no objects.</param>
    /// <param name="time">What the modification times, and so the entity tags, are taken from.</param>
    public FolderObjectStore(string folder, IReadUrlSigner? signer, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _layout = new FolderLayout(folder);
        _directories = new FolderDirectories(_layout);
        _listing = new FolderListing(_layout);
        _locks = new FolderLocks(_layout);
        _types = new FolderTypeFiles(_layout);
        _signer = signer;
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (FolderFile.TryOpen(_layout.PathOf(key)) is not { } file)
            {
                return null;
            }

            var version = FolderFile.VersionOf(file);
            var contentType = ContentTypes.ImpliedBy(key);
            // A file that something else put there may have any time, so that a missing type file is no error in the end.
            if (version.HasTypeFile && attempt < MaxReadAttempts)
            {
                contentType = await ReadTypeAsync(key, version, file, cancellationToken);
                if (contentType is null)
                {
                    continue;
                }
            }

            return new StoredObject(file, contentType, file.Length, version.ETag, version.Time);
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
        var session = await OpenSessionAsync(cancellationToken);
        var ownType = contentType == ContentTypes.ImpliedBy(key) ? null : contentType;
        var version = FolderVersion.At(_time.GetUtcNow(), hasTypeFile: ownType is not null);
        var file = session.NextPath();
        try
        {
            await FolderFile.WriteAsync(file, content, version, cancellationToken);
            using var held = await _locks.AcquireAsync(key, cancellationToken);
            return Commit(key, file, version, ownType, condition, held);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await OpenSessionAsync(cancellationToken);
        using var held = await _locks.AcquireAsync(key, cancellationToken);
        var path = _layout.PathOf(key);
        if (FolderFile.VersionOf(path) is not { } version)
        {
            return false;
        }

        held.Advance(version.After(held.Last));
        File.Delete(path);
        if (version.HasTypeFile)
        {
            _types.Delete(key, version);
        }

        _directories.Prune(path);
        return true;
    }

    /// <inheritdoc/>
    public Task<ObjectPage> ListAsync(string prefix, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ObjectPrefix.Check(prefix, limit);
        var after = ListingCursor.Unwrap(KeyListing, prefix, cursor);
        var keys = Take(_listing.KeysAfter(prefix, after), limit, cancellationToken, out var last);
        return Task.FromResult(
            new ObjectPage(
                [.. keys.Select(key => new ObjectKey(key))],
                last is null ? null : ListingCursor.Wrap(KeyListing, prefix, last)
            )
        );
    }

    /// <inheritdoc/>
    public Task<FolderPage> ListFoldersAsync(
        string prefix,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ObjectPrefix.Check(prefix, limit);
        var after = ListingCursor.Unwrap(FolderListingName, prefix, cursor);
        var folders = Take(_listing.FoldersAfter(prefix, after), limit, cancellationToken, out var last);
        return Task.FromResult(
            new FolderPage(
                [.. folders.Select(folder => folder[prefix.Length..^1])],
                last is null ? null : ListingCursor.Wrap(FolderListingName, prefix, last)
            )
        );
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The host serves no objects.</exception>
    public ValueTask<Uri> CreateReadUrlAsync(
        ObjectKey key,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken
    ) =>
        _signer is null
            ? throw new InvalidOperationException(
                "This host serves no objects, so that there are no URLs to read them."
            )
            : ValueTask.FromResult(_signer.Sign(key, expiresAt));

    /// <summary>Removes the store's temporary files. Nothing else is held open between calls.</summary>
    public void Dispose()
    {
        _session?.Dispose();
        _locks.Dispose();
        _opening.Dispose();
    }

    private async ValueTask<FolderSession> OpenSessionAsync(CancellationToken cancellationToken)
    {
        if (_session is { } open)
        {
            return open;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _session ??= await FolderSession.OpenAsync(_layout, cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Reads the type of an opened file, or closes the file.</summary>
    private async Task<string?> ReadTypeAsync(
        ObjectKey key,
        FolderVersion version,
        FileStream file,
        CancellationToken cancellationToken
    )
    {
        string? contentType = null;
        try
        {
            return contentType = await _types.ReadAsync(key, version, cancellationToken);
        }
        finally
        {
            if (contentType is null)
            {
                await file.DisposeAsync();
            }
        }
    }

    // From here on nothing waits: the lock is held, and a cancelled write would be neither done nor undone.
    private string? Commit(
        ObjectKey key,
        string file,
        FolderVersion planned,
        string? ownType,
        WriteCondition condition,
        FolderLock held
    )
    {
        var path = _layout.PathOf(key);
        var present = FolderFile.VersionOf(path);
        if (condition.MustBeAbsent ? present is not null : condition.ETag is { } etag && etag != present?.ETag)
        {
            return null;
        }

        var version = planned.After(held.Last).After(present ?? default);
        if (version != planned)
        {
            FolderFile.Stamp(file, version);
        }

        if (ownType is not null)
        {
            _types.Write(key, version, ownType);
        }

        held.Advance(version);
        _directories.MoveInto(file, path);
        if (present is { HasTypeFile: true } replaced)
        {
            _types.Delete(key, replaced);
        }

        return version.ETag;
    }

    private static List<string> Take(
        IEnumerable<string> names,
        int limit,
        CancellationToken cancellationToken,
        out string? last
    )
    {
        var page = new List<string>(Math.Min(limit, 256));
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (page.Count == limit)
            {
                last = page[^1];
                return page;
            }

            page.Add(name);
        }

        last = null;
        return page;
    }
}
