using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Storage;

/// <summary>Tests that measure the memory of the whole process, so that nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class MemoryMeasurements
{
    public const string Name = "memory measurements";
}

/// <summary>What every object store does with objects that should not be held in memory.</summary>
[Collection(MemoryMeasurements.Name)]
public abstract class LargeObjectConformance
{
    private const long Length = 20_000_000;
    private const long MaxAllocated = Length / 2;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty store; disposed of by the subclass.</summary>
    protected abstract Task<IObjectStore> CreateAsync();

    [Fact]
    public async Task Twenty_megabytes_are_written_and_read_as_a_stream()
    {
        var store = await CreateAsync();

        // Code and pools that every first use fills are no cost of this object.
        await PutAsync(store, Length);
        await ReadAsync(store, Length);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await PutAsync(store, Length);
        var written = GC.GetTotalAllocatedBytes(precise: true);
        await ReadAsync(store, Length);
        var read = GC.GetTotalAllocatedBytes(precise: true);

        Assert.InRange(written - before, 0, MaxAllocated);
        Assert.InRange(read - written, 0, MaxAllocated);
    }

    private static async Task PutAsync(IObjectStore store, long length)
    {
        await using var content = new GeneratedStream(length);
        Assert.NotNull(
            await store.PutAsync(new("large/object.bin"), content, "image/png", WriteCondition.None, Cancellation)
        );
    }

    private static async Task ReadAsync(IObjectStore store, long length)
    {
        await using var read = await store.GetAsync(new("large/object.bin"), Cancellation);
        Assert.NotNull(read);
        Assert.Equal(length, read.Length);
        var buffer = new byte[81920];
        long position = 0;
        int count;
        while ((count = await read.Content.ReadAsync(buffer, Cancellation)) > 0)
        {
            for (var index = 0; index < count; index++)
            {
                if (buffer[index] != GeneratedStream.ByteAt(position + index))
                {
                    Assert.Fail($"Byte {position + index} differs.");
                }
            }

            position += count;
        }

        Assert.Equal(length, position);
    }
}

public sealed class FolderLargeObjectTests : LargeObjectConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private FolderObjectStore? _store;

    public void Dispose()
    {
        _store?.Dispose();
        _folder.Dispose();
    }

    protected override Task<IObjectStore> CreateAsync() =>
        Task.FromResult<IObjectStore>(_store = new FolderObjectStore(_folder.Path, null, TimeProvider.System));
}

public sealed class BlobLargeObjectTests(AzuriteFixture fixture) : LargeObjectConformance, IDisposable
{
    private BlobObjectStore? _store;

    public void Dispose() => _store?.Dispose();

    protected override async Task<IObjectStore> CreateAsync()
    {
        var azurite = await fixture.GetAsync(Cancellation);
        var container = $"large-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        return _store = new BlobObjectStore(
            new BlobServiceClient(azurite.ConnectionString),
            container,
            TimeProvider.System
        );
    }
}
