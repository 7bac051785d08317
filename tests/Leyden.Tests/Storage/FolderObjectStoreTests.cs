using System.Globalization;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class FolderObjectStoreTests : ObjectStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<FolderObjectStore> _stores = [];

    public void Dispose()
    {
        foreach (var store in _stores)
        {
            store.Dispose();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Two_stores_on_one_folder_increment_a_counter_without_loss()
    {
        var stores = new[] { Open(), Open() };
        await stores[0].PutTextAsync("counter.json", "0");

        await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(writer => Task.Run(() => stores[writer % 2].IncrementAsync("counter.json", 10), Cancellation))
        );

        Assert.Equal("160", await stores[0].GetTextAsync("counter.json"));
    }

    [Fact]
    public async Task Of_32_writers_of_four_stores_exactly_one_creates()
    {
        var stores = new[] { Open(), Open(), Open(), Open() };

        var etags = await Task.WhenAll(
            Enumerable
                .Range(0, 32)
                .Select(writer =>
                    Task.Run(
                        () => stores[writer % 4].PutTextAsync("a/b.json", "x", condition: WriteCondition.IfAbsent),
                        Cancellation
                    )
                )
        );

        Assert.Single(etags, etag => etag is not null);
    }

    [Fact]
    public async Task A_lock_of_another_process_is_waited_for()
    {
        var store = Open();
        await store.PutTextAsync("a/b.json", "1");
        var locks = Path.Combine(_folder.Path, ".store", "locks");
        var held = Directory
            .EnumerateFiles(locks)
            .Select(path => new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            .ToList();
        var write = store.PutTextAsync("a/b.json", "2");
        using (var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var cancelled = store.DeleteAsync(new("a/b.json"), giveUp.Token);
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        }

        Assert.False(write.IsCompleted);
        Assert.Equal("1", await store.GetTextAsync("a/b.json"));

        held.ForEach(file => file.Dispose());
        Assert.NotNull(await write);
        Assert.Equal("2", await store.GetTextAsync("a/b.json"));
    }

    [Fact]
    public async Task Writers_and_deleters_of_one_folder_do_not_disturb_each_other()
    {
        var stores = new[] { Open(), Open() };

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            for (var round = 0; round < 50; round++)
                            {
                                var key = $"deep/er/and/deeper/{writer}.json";
                                Assert.NotNull(await stores[writer % 2].PutTextAsync(key, $"{round}"));
                                Assert.Equal($"{round}", await stores[round % 2].GetTextAsync(key));
                                Assert.True(await stores[round % 2].DeleteAsync(new(key), Cancellation));
                            }
                        },
                        Cancellation
                    )
                )
        );

        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "deep")));
    }

    [Fact]
    public async Task What_a_crash_leaves_is_never_an_object_and_is_cleaned_up()
    {
        var store = Open();
        await store.PutTextAsync("a/b.json", "whole");
        var temporary = Path.Combine(_folder.Path, ".store", "temporary");
        var left = Directory.CreateDirectory(Path.Combine(temporary, "0123456789abcdef")).FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "lock"), "", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(left, "1"), "{\"half\":", Cancellation);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "a", "made", "but", "empty"));
        var own = Assert.Single(Directory.EnumerateDirectories(temporary), directory => directory != left);

        Assert.Equal(["a/b.json"], await store.AllKeysAsync("", 10));
        Assert.Empty(await store.AllFoldersAsync("a/", 10));
        var next = Open();
        await next.PutTextAsync("a/c.json", "whole");

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(own));
        await store.PutTextAsync("a/d.json", "whole");
        Assert.Equal(["a/b.json", "a/c.json", "a/d.json"], await next.AllKeysAsync("", 10));
    }

    [Fact]
    public async Task A_closed_store_leaves_no_temporary_files()
    {
        var store = Open();
        await store.PutTextAsync("a/b.json", "x");
        await store.PutTextAsync("a/b.json", "x", condition: WriteCondition.IfAbsent);
        store.Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, ".store", "temporary")));
    }

    [Fact]
    public async Task Tags_rise_although_the_clock_stands_still_or_goes_back()
    {
        var clock = new SetClock(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var store = Open(clock);
        var etags = new List<string?>();
        for (var write = 0; write < 6; write++)
        {
            etags.Add(await store.PutTextAsync("a/b.json", "same", write % 2 == 0 ? "application/json" : "text/csv"));
            if (write == 2)
            {
                await store.DeleteAsync(new("a/b.json"), Cancellation);
                clock.Now -= TimeSpan.FromDays(1);
            }
        }

        Assert.Equal(
            etags.Select(etag => long.Parse(etag!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).Order(),
            etags.Select(etag => long.Parse(etag!, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
        );
        Assert.Equal(6, etags.Distinct().Count());
        Assert.Single(
            Directory.EnumerateFiles(Path.Combine(_folder.Path, ".store", "types"), "*", SearchOption.AllDirectories)
        );
    }

    [Fact]
    public async Task Keys_that_some_file_systems_can_not_tell_apart_are_kept_apart()
    {
        var store = Open();
        var keys = new[] { "A/x", "a/X", "a/x", "con/nul.json", "Con/aux", "con0/com1.txt", "a/com10" };
        foreach (var key in keys)
        {
            await store.PutTextAsync(key, key);
        }

        Assert.Equal(keys.Order(StringComparer.Ordinal), await store.AllKeysAsync("", 3));
        foreach (var key in keys)
        {
            Assert.Equal(key, await store.GetTextAsync(key));
        }

        var names = Directory
            .EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder.Path, path))
            .ToList();
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains(Path.Combine("~con", "~nul.json"), names);
    }

    [Fact]
    public async Task Files_that_are_no_objects_are_not_listed()
    {
        var store = Open();
        await store.PutTextAsync("a/b.json", "x");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "a", ".DS_Store"), "x", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "a", "Thumbs.db"), "x", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "a", "b (copy).json"), "x", Cancellation);

        Assert.Equal(["a/b.json"], await store.AllKeysAsync("", 10));
    }

    [Fact]
    public async Task A_file_put_there_by_hand_is_an_object()
    {
        var store = Open();
        var path = Path.Combine(_folder.Path, "a", "by-hand.png");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "x", Cancellation);
        File.SetLastWriteTimeUtc(path, new DateTime(639_000_000_000_000_001, DateTimeKind.Utc));

        await using var read = await store.GetAsync(new("a/by-hand.png"), Cancellation);

        Assert.NotNull(read);
        Assert.Equal("image/png", read.ContentType);
        Assert.NotNull(await store.PutTextAsync("a/by-hand.png", "y", "image/png", WriteCondition.IfMatch(read.ETag)));
    }

    [Fact]
    public async Task A_key_below_an_object_is_refused_and_harms_nothing()
    {
        var store = Open();
        await store.PutTextAsync("a/b", "object");
        await store.PutTextAsync("c/d/e", "object");

        await Assert.ThrowsAnyAsync<IOException>(() => store.PutTextAsync("a/b/c", "x"));
        await Assert.ThrowsAnyAsync<IOException>(() => store.PutTextAsync("c/d", "x"));

        Assert.Equal(["a/b", "c/d/e"], await store.AllKeysAsync("", 10));
    }

    [Fact]
    public async Task A_host_that_serves_no_objects_gives_no_urls()
    {
        var store = Open();

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await store.CreateReadUrlAsync(new("a/b.png"), TimeProvider.System.GetUtcNow(), Cancellation)
        );
    }

    protected override Task<IObjectStore> CreateAsync() => Task.FromResult<IObjectStore>(Open());

    private FolderObjectStore Open(TimeProvider? time = null)
    {
        var store = new FolderObjectStore(_folder.Path, signer: null, time ?? TimeProvider.System);
        _stores.Add(store);
        return store;
    }

    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
