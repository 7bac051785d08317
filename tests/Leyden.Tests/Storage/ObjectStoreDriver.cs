using System.Globalization;
using System.Text;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

/// <summary>Object stores as tests use them: text, whole listings, counters.</summary>
internal static class ObjectStoreDriver
{
    // More tries than any test has rivals for one object, so that a store that never lets a writer win fails the test.
    private const int MaxSwaps = 10_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<string?> PutTextAsync(
        this IObjectStore store,
        string key,
        string text,
        string contentType = "application/json",
        WriteCondition condition = default
    ) => store.PutBytesAsync(key, Encoding.UTF8.GetBytes(text), contentType, condition);

    public static async Task<string?> PutBytesAsync(
        this IObjectStore store,
        string key,
        byte[] bytes,
        string contentType = "application/octet-stream",
        WriteCondition condition = default
    )
    {
        using var content = new MemoryStream(bytes, writable: false);
        return await store.PutAsync(new(key), content, contentType, condition, Cancellation);
    }

    public static async Task<string?> GetTextAsync(this IObjectStore store, string key)
    {
        await using var read = await store.GetAsync(new(key), Cancellation);
        return read is null ? null : await read.ReadTextAsync();
    }

    public static async Task<string> ReadTextAsync(this StoredObject read)
    {
        using var reader = new StreamReader(read.Content, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync(Cancellation);
    }

    /// <summary>Adds one to a number, so many times, each by compare-and-swap.</summary>
    /// <returns>The tags of the writes that held.</returns>
    public static async Task<IReadOnlyList<string>> IncrementAsync(this IObjectStore store, string key, int times)
    {
        var etags = new List<string>();
        for (var swap = 0; etags.Count < times; swap++)
        {
            Assert.True(swap < MaxSwaps, "No swap held.");
            await using var read = await store.GetAsync(new(key), Cancellation);
            Assert.NotNull(read);
            var next = int.Parse(await read.ReadTextAsync(), CultureInfo.InvariantCulture) + 1;
            var etag = await store.PutTextAsync(
                key,
                next.ToString(CultureInfo.InvariantCulture),
                condition: WriteCondition.IfMatch(read.ETag)
            );
            if (etag is not null)
            {
                etags.Add(etag);
            }
        }

        return etags;
    }

    public static async Task<IReadOnlyList<string>> AllKeysAsync(this IObjectStore store, string prefix, int limit)
    {
        var keys = new List<string>();
        string? cursor = null;
        do
        {
            var page = await store.ListAsync(prefix, cursor, limit, Cancellation);
            Assert.InRange(page.Keys.Count, 0, limit);
            keys.AddRange(page.Keys.Select(key => key.Value));
            cursor = page.Cursor;
        } while (cursor is not null);

        return keys;
    }

    public static async Task<IReadOnlyList<string>> AllFoldersAsync(this IObjectStore store, string prefix, int limit)
    {
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await store.ListFoldersAsync(prefix, cursor, limit, Cancellation);
            Assert.InRange(page.Names.Count, 0, limit);
            names.AddRange(page.Names);
            cursor = page.Cursor;
        } while (cursor is not null);

        return names;
    }
}
