namespace Leyden.Storage;

/// <summary>
/// Named objects with conditional writes: what predictions, outputs and shared counters are kept in. Reads see the last
/// completed write. A write is whole or absent: no reader sees half of one, also after a crash. A key must not also be a
/// folder of other keys (<c>a</c> beside <c>a/b</c>): a store may refuse the second of the two with an <see cref="IOException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>Opens an object.</summary>
    /// <returns>The object, whose content is a seekable stream that the caller disposes; null when there is none.</returns>
    Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Writes a whole object.</summary>
    /// <param name="key">Where.</param>
    /// <param name="content">Read once, from its present position to its end; not disposed.</param>
    /// <param name="contentType">The media type that readers are told: at most 255 printable ASCII characters.</param>
    /// <param name="condition">What must hold for the write to happen.</param>
    /// <param name="cancellationToken">Stops the write; the object is then as before or as asked.</param>
    /// <returns>The new entity tag; null when <paramref name="condition"/> did not hold and nothing was written.</returns>
    Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes an object.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Lists the keys that start with a prefix, in ordinal order.</summary>
    /// <param name="prefix">
    /// Empty, or folders ending in <c>/</c> (<c>predictions/alice/</c>). A prefix that ends within a segment is not supported.
    /// </param>
    /// <param name="cursor">Where the page before ended (<see cref="ObjectPage.Cursor"/>); null for the first.</param>
    /// <param name="limit">At most this many keys, 1…5000. A page may hold fewer, or none, although more follow.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="ArgumentException">The prefix is not of that form, or the limit out of range.</exception>
    /// <exception cref="InvalidCursorException">The cursor is none that this store gave for this prefix.</exception>
    Task<ObjectPage> ListAsync(string prefix, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the names of the folders directly below a prefix, as <see cref="ListAsync"/> does. A folder is there as long as an
    /// object is somewhere below it. The order is that of their keys, so of the names with a slash behind: <c>a-b</c> before <c>a</c>.
    /// </summary>
    /// <exception cref="InvalidCursorException">The cursor is none that this store gave for this prefix.</exception>
    Task<FolderPage> ListFoldersAsync(string prefix, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Makes a URL that lets whoever has it read one object until a moment.</summary>
    /// <returns>An absolute URL, or one relative to the host's root where the host itself serves objects.</returns>
    ValueTask<Uri> CreateReadUrlAsync(ObjectKey key, DateTimeOffset expiresAt, CancellationToken cancellationToken);
}

/// <summary>An open object.</summary>
/// <param name="Content">A seekable stream over the whole content.</param>
/// <param name="ContentType">The media type given when it was written.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ETag">The opaque entity tag of this content, without quotes.</param>
/// <param name="LastModified">When it was written.</param>
public sealed record StoredObject(
    Stream Content,
    string ContentType,
    long Length,
    string ETag,
    DateTimeOffset LastModified
) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>A page of keys.</summary>
/// <param name="Keys">In ordinal order.</param>
/// <param name="Cursor">Where the next page starts; null after the last.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectKey> Keys, string? Cursor);

/// <summary>A page of folder names, each without its parent and without a slash.</summary>
/// <param name="Names">In the order of their keys.</param>
/// <param name="Cursor">Where the next page starts; null after the last.</param>
public sealed record FolderPage(IReadOnlyList<string> Names, string? Cursor);

/// <summary>A listing was asked to go on from a place that it never gave.</summary>
public sealed class InvalidCursorException(string message) : Exception(message);
