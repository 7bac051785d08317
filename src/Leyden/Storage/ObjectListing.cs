using System.Runtime.CompilerServices;

namespace Leyden.Storage;

/// <summary>Listings to their end, page by page, for upkeep that looks through everything below a prefix.</summary>
public static class ObjectListing
{
    private const int PageSize = 500;
    private const int ConcurrentReads = 16;

    /// <summary>All keys below a prefix.</summary>
    public static async IAsyncEnumerable<ObjectKey> AllKeysAsync(
        this IObjectStore store,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (ObjectPage? page = null; page is null || page.Cursor is not null; )
        {
            page = await store.ListAsync(prefix, page?.Cursor, PageSize, cancellationToken);
            foreach (var key in page.Keys)
            {
                yield return key;
            }
        }
    }

    /// <summary>The names of all folders directly below a prefix.</summary>
    public static async IAsyncEnumerable<string> AllFoldersAsync(
        this IObjectStore store,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (FolderPage? page = null; page is null || page.Cursor is not null; )
        {
            page = await store.ListFoldersAsync(prefix, page?.Cursor, PageSize, cancellationToken);
            foreach (var name in page.Names)
            {
                yield return name;
            }
        }
    }

    /// <summary>Deletes everything below a prefix.</summary>
    public static async Task DeleteAllAsync(this IObjectStore store, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var key in store.AllKeysAsync(prefix, cancellationToken))
        {
            await store.DeleteAsync(key, cancellationToken);
        }
    }

    /// <summary>Reads the documents of a page, several at a time. What was deleted meanwhile is left out.</summary>
    public static async Task<IReadOnlyList<Versioned<T>>> GetJsonPageAsync<T>(
        this IObjectStore store,
        ObjectPage page,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var found = new Versioned<T>?[page.Keys.Count];
        await Parallel.ForAsync(
            0,
            found.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ConcurrentReads, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await store.GetJsonAsync<T>(page.Keys[i], token)
        );
        return [.. found.OfType<Versioned<T>>()];
    }
}
