namespace Leyden.Storage;

/// <summary>An exclusive lock between processes: an open file that the system releases when its process ends, however it ends.</summary>
internal static class LockFile
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for the lock.</summary>
    /// <returns>The lock: dispose it to release.</returns>
    /// <exception cref="TimeoutException">Another process held it for a minute.</exception>
    public static async Task<FileStream> AcquireAsync(string path, CancellationToken cancellationToken)
    {
        // Another process is waited for, which lives in real time whatever time this one is given.
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            if (TryAcquire(path) is { } file)
            {
                return file;
            }

            if (time.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"Another process has held '{path}' for {Patience.TotalSeconds} seconds.");
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Takes the lock when nobody has it.</summary>
    /// <returns>The lock; null when it is held.</returns>
    public static FileStream? TryAcquire(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    private static bool IsHeld(IOException e)
    {
        const int SharingViolation = unchecked((int)0x80070020);
        const int WouldBlockLinux = 11;
        const int WouldBlockMac = 35;
        return e.HResult
            == (
                OperatingSystem.IsWindows() ? SharingViolation
                : OperatingSystem.IsMacOS() ? WouldBlockMac
                : WouldBlockLinux
            );
    }
}
