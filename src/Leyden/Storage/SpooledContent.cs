namespace Leyden.Storage;

/// <summary>
/// Content of unknown length made seekable, so that one request can carry it and can be repeated: in memory when small, else in
/// a temporary file that goes with its handle, also when the process is killed.
/// </summary>
internal static class SpooledContent
{
    private const int MaxBytesInMemory = 1024 * 1024;
    private const int CopyBufferBytes = 81920;

    /// <summary>Reads a stream to its end.</summary>
    /// <returns>The same bytes from their start, for the caller to dispose.</returns>
    public static async Task<Stream> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var start = new byte[CopyBufferBytes];
        var memory = new MemoryStream();
        while (await content.ReadAsync(start, cancellationToken) is > 0 and var count)
        {
            memory.Write(start, 0, count);
            if (memory.Length > MaxBytesInMemory)
            {
                memory.Position = 0;
                return await WriteAsync(memory, content, cancellationToken);
            }
        }

        memory.Position = 0;
        return memory;
    }

    private static async Task<Stream> WriteAsync(Stream start, Stream rest, CancellationToken cancellationToken)
    {
        var file = OpenTemporary();
        try
        {
            await start.CopyToAsync(file, CopyBufferBytes, cancellationToken);
            await rest.CopyToAsync(file, CopyBufferBytes, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static FileStream OpenTemporary()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        var path = Path.Combine(Path.GetTempPath(), $"leyden-{Path.GetRandomFileName()}");
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        // Without a name at once: Windows deletes the files of a killed process, Unix only those that have none.
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }
}
