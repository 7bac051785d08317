using Leyden.Storage;

namespace Leyden.Tests.Storage;

public abstract partial class ObjectStoreConformance
{
    // In ordinal order: '-' < '.' < '/' < digits < letters, so that folders and objects interleave.
    private static readonly string[] Ordered =
    [
        "a-b.json",
        "a-b/x",
        "a.json",
        "a/-",
        "a/0.json",
        "a/b-c/1",
        "a/b.c/1",
        "a/b/c/d/1.json",
        "a/b/c/d/2.json",
        "a/b0",
        "a/c_d",
        "a/cd",
        "a0",
        "ab/1.json",
        "b",
    ];

    [Fact]
    public async Task A_listing_is_in_ordinal_order_whatever_the_page_size()
    {
        var store = await CreateAsync();
        foreach (var key in Ordered.Reverse())
        {
            await store.PutTextAsync(key, key);
        }

        foreach (var limit in new[] { 1, 2, 3, 5, Ordered.Length - 1, Ordered.Length, Ordered.Length + 1, 5000 })
        {
            Assert.Equal(Ordered, await store.AllKeysAsync("", limit));
        }

        Assert.Null((await store.ListAsync("", null, Ordered.Length, Cancellation)).Cursor);
    }

    [Fact]
    public async Task A_prefix_sees_its_own_folder_alone()
    {
        var store = await CreateAsync();
        foreach (var key in Ordered)
        {
            await store.PutTextAsync(key, key);
        }

        foreach (var prefix in new[] { "a/", "a/b/", "a/b/c/", "ab/", "a-b/", "absent/", "b/" })
        {
            var below = Ordered.Where(key => key.StartsWith(prefix, StringComparison.Ordinal));
            Assert.Equal(below, await store.AllKeysAsync(prefix, 2));
        }
    }

    [Fact]
    public async Task Folders_are_listed_once_each_in_the_order_of_their_keys()
    {
        var store = await CreateAsync();
        foreach (var key in Ordered)
        {
            await store.PutTextAsync(key, key);
        }

        foreach (var limit in new[] { 1, 2, 3, 4, 100 })
        {
            Assert.Equal(["a-b", "a", "ab"], await store.AllFoldersAsync("", limit));
            Assert.Equal(["b-c", "b.c", "b"], await store.AllFoldersAsync("a/", limit));
            Assert.Equal(["c"], await store.AllFoldersAsync("a/b/", limit));
            Assert.Empty(await store.AllFoldersAsync("ab/", limit));
            Assert.Empty(await store.AllFoldersAsync("absent/", limit));
        }
    }

    [Fact]
    public async Task A_listing_goes_on_after_its_last_key_was_deleted_and_others_came()
    {
        var store = await CreateAsync();
        foreach (var key in new[] { "l/1", "l/2", "l/3", "l/5" })
        {
            await store.PutTextAsync(key, key);
        }

        var page = await store.ListAsync("l/", null, 2, Cancellation);
        Assert.Equal(["l/1", "l/2"], page.Keys.Select(key => key.Value));
        await store.DeleteAsync(new("l/2"), Cancellation);
        await store.PutTextAsync("l/0", "");
        await store.PutTextAsync("l/4", "");

        var rest = await store.ListAsync("l/", page.Cursor, 10, Cancellation);
        Assert.Equal(["l/3", "l/4", "l/5"], rest.Keys.Select(key => key.Value));
        Assert.Null(rest.Cursor);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("/")]
    [InlineData("a//")]
    [InlineData("../")]
    [InlineData(".store/")]
    public async Task A_prefix_that_is_no_folder_is_refused(string prefix)
    {
        var store = await CreateAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => store.ListAsync(prefix, null, 10, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ListFoldersAsync(prefix, null, 10, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(5001)]
    public async Task A_page_size_out_of_range_is_refused(int limit)
    {
        var store = await CreateAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ListAsync("", null, limit, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            store.ListFoldersAsync("", null, limit, Cancellation)
        );
    }

    [Fact]
    public async Task A_cursor_of_another_listing_and_a_damaged_one_are_refused()
    {
        var store = await CreateAsync();
        foreach (var key in new[] { "a/1/x", "a/2/x", "a/3/x", "b/1/x", "b/2/x" })
        {
            await store.PutTextAsync(key, key);
        }

        var keys = (await store.ListAsync("a/", null, 1, Cancellation)).Cursor!;
        var folders = (await store.ListFoldersAsync("a/", null, 1, Cancellation)).Cursor!;
        Assert.NotNull(keys);
        Assert.NotNull(folders);

        foreach (
            var foreign in new[]
            {
                "",
                "x",
                "not a cursor",
                "AAAA",
                folders,
                keys[1..],
                keys[..^2],
                keys + "AA",
                new string('A', 10_000),
            }
        )
        {
            await Assert.ThrowsAsync<InvalidCursorException>(() => store.ListAsync("a/", foreign, 10, Cancellation));
        }

        await Assert.ThrowsAsync<InvalidCursorException>(() => store.ListAsync("b/", keys, 10, Cancellation));
        await Assert.ThrowsAsync<InvalidCursorException>(() => store.ListFoldersAsync("a/", keys, 10, Cancellation));
        await Assert.ThrowsAsync<InvalidCursorException>(() => store.ListFoldersAsync("b/", folders, 10, Cancellation));
        Assert.Equal(2, (await store.ListAsync("a/", keys, 10, Cancellation)).Keys.Count);
    }
}
