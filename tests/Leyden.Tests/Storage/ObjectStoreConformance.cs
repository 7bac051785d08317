using System.Security.Cryptography;
using System.Text;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

/// <summary>What every object store does: reading, writing and deleting. The other parts hold conditions and listings.</summary>
public abstract partial class ObjectStoreConformance
{
    protected const string Json = "application/json";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a store that is empty and that no other test uses; disposed of by the subclass.</summary>
    protected abstract Task<IObjectStore> CreateAsync();

    [Fact]
    public async Task An_absent_object_reads_as_null_and_deletes_as_false()
    {
        var store = await CreateAsync();

        Assert.Null(await store.GetAsync(new("a/absent.json"), Cancellation));
        Assert.False(await store.DeleteAsync(new("a/absent.json"), Cancellation));
    }

    [Fact]
    public async Task A_folder_of_objects_is_not_an_object()
    {
        var store = await CreateAsync();
        await store.PutTextAsync("a/b/c.json", "{}");

        Assert.Null(await store.GetAsync(new("a/b"), Cancellation));
        Assert.False(await store.DeleteAsync(new("a/b"), Cancellation));
        Assert.Null(await store.GetAsync(new("a/b/c.json/d"), Cancellation));
        Assert.Equal("{}", await store.GetTextAsync("a/b/c.json"));
    }

    [Fact]
    public async Task A_write_is_read_back_with_its_type_length_tag_and_time()
    {
        var store = await CreateAsync();
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-1);

        var etag = await store.PutTextAsync("a/b.json", "{\"n\":1}");

        await using var read = await store.GetAsync(new("a/b.json"), Cancellation);
        Assert.NotNull(read);
        Assert.Equal(Json, read.ContentType);
        Assert.Equal(7, read.Length);
        Assert.Equal(7, read.Content.Length);
        Assert.Equal(etag, read.ETag);
        Assert.DoesNotContain('"', read.ETag);
        Assert.InRange(read.LastModified, before, TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task An_overwrite_replaces_content_type_and_tag()
    {
        var store = await CreateAsync();
        var first = await store.PutTextAsync("a/b", "a longer first content", "text/plain");

        var second = await store.PutTextAsync("a/b", "second", "text/html; charset=utf-8");

        Assert.NotEqual(first, second);
        await using var read = await store.GetAsync(new("a/b"), Cancellation);
        Assert.NotNull(read);
        Assert.Equal("text/html; charset=utf-8", read.ContentType);
        Assert.Equal(second, read.ETag);
        Assert.Equal("second", await read.ReadTextAsync());
    }

    [Theory]
    [InlineData("t/picture.png", "image/png")]
    [InlineData("t/picture.png", "image/webp")]
    [InlineData("t/record.json", "application/json")]
    [InlineData("t/record.json", "application/problem+json; charset=utf-8")]
    [InlineData("t/plain", "application/octet-stream")]
    [InlineData("t/plain", "application/x-something")]
    public async Task A_content_type_is_kept_whatever_the_name_implies(string key, string contentType)
    {
        var store = await CreateAsync();
        await store.PutTextAsync(key, "x", "text/csv");
        await store.PutTextAsync(key, "y", contentType);

        await using var read = await store.GetAsync(new(key), Cancellation);

        Assert.NotNull(read);
        Assert.Equal(contentType, read.ContentType);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text/plain\r\nX-Forged: 1")]
    [InlineData("text/ünusual")]
    public async Task A_content_type_that_is_no_header_value_is_refused(string contentType)
    {
        var store = await CreateAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => store.PutTextAsync("a/b", "x", contentType));

        Assert.Null(await store.GetAsync(new("a/b"), Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(70_001)]
    [InlineData(3_000_000)]
    public async Task Bytes_are_kept_as_they_are(int length)
    {
        var store = await CreateAsync();
        var bytes = new byte[length];
        for (var index = 0; index < length; index++)
        {
            bytes[index] = (byte)(index * 31 + index / 256);
        }

        await store.PutBytesAsync("binary/x.bin", bytes);

        await using var read = await store.GetAsync(new("binary/x.bin"), Cancellation);
        Assert.NotNull(read);
        Assert.Equal(length, read.Length);
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(read.Content, Cancellation));
    }

    [Fact]
    public async Task A_write_starts_at_the_present_position_of_its_content_and_leaves_it_open()
    {
        var store = await CreateAsync();
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("skipped kept")) { Position = 8 };

        await store.PutAsync(new("a/b.txt"), content, "text/plain", WriteCondition.None, Cancellation);

        Assert.Equal("kept", await store.GetTextAsync("a/b.txt"));
        Assert.True(content.CanRead);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(5_000_000)]
    public async Task A_read_can_seek(int length)
    {
        var store = await CreateAsync();
        var bytes = new byte[length];
        for (var index = 0; index < length; index++)
        {
            bytes[index] = (byte)(index * 17 + index / 256);
        }

        await store.PutBytesAsync("a/b.bin", bytes);
        await using var read = await store.GetAsync(new("a/b.bin"), Cancellation);
        Assert.NotNull(read);
        Assert.True(read.Content.CanSeek);

        foreach (var offset in new[] { length - 10, 0, length / 2, length / 2 - 100, length })
        {
            read.Content.Seek(offset, SeekOrigin.Begin);
            var expected = bytes.AsMemory(offset, Math.Min(50, length - offset)).ToArray();
            var actual = new byte[expected.Length];
            await read.Content.ReadExactlyAsync(actual, Cancellation);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_can_be_written_again()
    {
        var store = await CreateAsync();
        var first = await store.PutTextAsync("a/b/c.json", "1");

        Assert.True(await store.DeleteAsync(new("a/b/c.json"), Cancellation));
        Assert.False(await store.DeleteAsync(new("a/b/c.json"), Cancellation));
        Assert.Null(await store.GetAsync(new("a/b/c.json"), Cancellation));
        Assert.Empty((await store.ListFoldersAsync("", null, 10, Cancellation)).Names);

        var second = await store.PutTextAsync("a/b/c.json", "1", condition: WriteCondition.IfAbsent);
        Assert.NotNull(second);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(9_000_000)]
    public async Task A_cancelled_write_leaves_no_object(int cancelAfter)
    {
        var store = await CreateAsync();
        await store.PutTextAsync("a/kept.json", "before");
        foreach (var key in new[] { "a/new.json", "a/kept.json" })
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            await using var content = new GeneratedStream(10_000_000) { AtByte = (cancelAfter, cancellation.Cancel) };

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                store.PutAsync(new(key), content, Json, WriteCondition.None, cancellation.Token)
            );
        }

        Assert.Equal("before", await store.GetTextAsync("a/kept.json"));
        Assert.Equal(["a/kept.json"], await store.AllKeysAsync("", 10));
    }

    [Fact]
    public async Task A_write_whose_content_fails_leaves_no_object_and_tells_the_failure()
    {
        var store = await CreateAsync();
        await using var content = new GeneratedStream(10_000_000)
        {
            AtByte = (9_000_000, () => throw new InvalidDataException("The download broke.")),
        };

        await Assert.ThrowsAsync<InvalidDataException>(() =>
            store.PutAsync(new("a/new.png"), content, "image/png", WriteCondition.None, Cancellation)
        );

        Assert.Null(await store.GetAsync(new("a/new.png"), Cancellation));
        Assert.Empty(await store.AllKeysAsync("", 10));
    }
}
