using System.Globalization;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

public abstract partial class ObjectStoreConformance
{
    [Fact]
    public async Task Create_if_absent_writes_once()
    {
        var store = await CreateAsync();

        Assert.NotNull(await store.PutTextAsync("a/b.json", "first", condition: WriteCondition.IfAbsent));
        Assert.Null(await store.PutTextAsync("a/b.json", "second", condition: WriteCondition.IfAbsent));

        Assert.Equal("first", await store.GetTextAsync("a/b.json"));
    }

    [Fact]
    public async Task Of_32_writers_that_create_the_same_object_exactly_one_wins()
    {
        var store = await CreateAsync();
        for (var round = 0; round < 5; round++)
        {
            var key = $"race/{round}.json";
            var etags = await Task.WhenAll(
                Enumerable
                    .Range(0, 32)
                    .Select(writer =>
                        Task.Run(
                            () => store.PutTextAsync(key, $"{writer}", condition: WriteCondition.IfAbsent),
                            Cancellation
                        )
                    )
            );

            var winner = Assert.Single(Enumerable.Range(0, 32), writer => etags[writer] is not null);
            await using var read = await store.GetAsync(new(key), Cancellation);
            Assert.NotNull(read);
            Assert.Equal(etags[winner], read.ETag);
            Assert.Equal($"{winner}", await read.ReadTextAsync());
        }
    }

    [Fact]
    public async Task Sixteen_incrementers_by_compare_and_swap_lose_no_update()
    {
        const int Writers = 16;
        const int Increments = 10;
        var store = await CreateAsync();
        await store.PutTextAsync("counter.json", "0");

        var etags = await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .Select(_ => Task.Run(() => store.IncrementAsync("counter.json", Increments), Cancellation))
        );

        Assert.Equal(
            (Writers * Increments).ToString(CultureInfo.InvariantCulture),
            await store.GetTextAsync("counter.json")
        );
        Assert.Equal(Writers * Increments, etags.SelectMany(each => each).Distinct().Count());
    }

    [Fact]
    public async Task A_stale_tag_is_refused()
    {
        var store = await CreateAsync();
        var first = await store.PutTextAsync("a/b.json", "A");
        var second = await store.PutTextAsync("a/b.json", "B", condition: WriteCondition.IfMatch(first!));
        Assert.NotNull(second);

        Assert.Null(await store.PutTextAsync("a/b.json", "C", condition: WriteCondition.IfMatch(first!)));

        Assert.Equal("B", await store.GetTextAsync("a/b.json"));
    }

    [Fact]
    public async Task A_tag_does_not_match_the_same_content_written_again()
    {
        var store = await CreateAsync();
        var first = await store.PutTextAsync("a/b.json", "A");
        await store.PutTextAsync("a/b.json", "B");
        await store.PutTextAsync("a/b.json", "A");
        Assert.Null(await store.PutTextAsync("a/b.json", "C", condition: WriteCondition.IfMatch(first!)));

        await store.DeleteAsync(new("a/b.json"), Cancellation);
        await store.PutTextAsync("a/b.json", "A");
        Assert.Null(await store.PutTextAsync("a/b.json", "C", condition: WriteCondition.IfMatch(first!)));

        Assert.Equal("A", await store.GetTextAsync("a/b.json"));
    }

    [Theory]
    [InlineData("0x8D0000000000000")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("\"quoted\"")]
    public async Task A_tag_that_was_never_given_matches_nothing(string etag)
    {
        var store = await CreateAsync();
        await store.PutTextAsync("a/b.json", "A");

        Assert.Null(await store.PutTextAsync("a/b.json", "B", condition: WriteCondition.IfMatch(etag)));
        Assert.Null(await store.PutTextAsync("a/absent.json", "B", condition: WriteCondition.IfMatch(etag)));

        Assert.Equal("A", await store.GetTextAsync("a/b.json"));
        Assert.Equal(["a/b.json"], await store.AllKeysAsync("", 10));
    }

    [Fact]
    public async Task A_large_write_obeys_its_condition_too()
    {
        var store = await CreateAsync();
        await store.PutTextAsync("a/b.bin", "small");
        await using (var content = new GeneratedStream(10_000_000))
        {
            Assert.Null(await store.PutAsync(new("a/b.bin"), content, "x/y", WriteCondition.IfAbsent, Cancellation));
        }

        Assert.Equal("small", await store.GetTextAsync("a/b.bin"));
        await using (var content = new GeneratedStream(10_000_000))
        {
            Assert.NotNull(await store.PutAsync(new("a/c.bin"), content, "x/y", WriteCondition.IfAbsent, Cancellation));
        }
    }

    [Fact]
    public async Task Large_writes_of_one_object_at_the_same_time_all_hold_and_do_not_mix()
    {
        const int Length = 10_000_000;
        var store = await CreateAsync();

        var etags = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            await using var content = new GeneratedStream(Length, seed: (byte)writer);
                            return await store.PutAsync(
                                new("a/b.bin"),
                                content,
                                "x/y",
                                WriteCondition.None,
                                Cancellation
                            );
                        },
                        Cancellation
                    )
                )
        );

        Assert.All(etags, Assert.NotNull);
        await using var read = await store.GetAsync(new("a/b.bin"), Cancellation);
        Assert.NotNull(read);
        Assert.Contains(etags, etag => etag == read.ETag);
        using var bytes = new MemoryStream(Length);
        await read.Content.CopyToAsync(bytes, Cancellation);
        var winner = bytes.GetBuffer()[0] - GeneratedStream.ByteAt(0);
        for (var position = 0; position < Length; position++)
        {
            if (bytes.GetBuffer()[position] != (byte)(GeneratedStream.ByteAt(position) + winner))
            {
                Assert.Fail($"Byte {position} is of another write than byte 0.");
            }
        }
    }
}
