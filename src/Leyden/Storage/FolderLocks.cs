using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Leyden.Storage;

/// <summary>
/// Locks on keys that exclude the writers of this process and of others that use the same folder. Keys share 64 lock files,
/// so their number does not grow; a lock is held for a few file operations only.
/// </summary>
internal sealed class FolderLocks(FolderLayout layout) : IDisposable
{
    private const int Stripes = 64;

    // Queues this process's writers, so that only one of them at a time asks the file system.
    private readonly SemaphoreSlim[] _queues = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<FolderLock> AcquireAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var stripe = SHA256.HashData(Encoding.UTF8.GetBytes(key.Value))[0] % Stripes;
        var queue = _queues[stripe];
        await queue.WaitAsync(cancellationToken);
        try
        {
            return new FolderLock(
                await LockFile.AcquireAsync(Path.Combine(layout.Locks, $"{stripe:x2}"), cancellationToken),
                queue
            );
        }
        catch
        {
            queue.Release();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var queue in _queues)
        {
            queue.Dispose();
        }
    }
}

/// <summary>
/// A held lock. Its file remembers the last version that was given under it, so that versions rise also when an object is
/// deleted and written again or the clock is set back.
/// </summary>
internal readonly struct FolderLock(FileStream file, SemaphoreSlim queue) : IDisposable
{
    public FolderVersion Last
    {
        get
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            return RandomAccess.Read(file.SafeFileHandle, bytes, 0) == bytes.Length
                ? new(BinaryPrimitives.ReadInt64LittleEndian(bytes))
                : default;
        }
    }

    public void Advance(FolderVersion version)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, version.Ticks);
        RandomAccess.Write(file.SafeFileHandle, bytes, 0);
    }

    public void Dispose()
    {
        file.Dispose();
        queue.Release();
    }
}
