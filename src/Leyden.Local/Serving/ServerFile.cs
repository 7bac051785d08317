using System.Text.Json;

namespace Leyden.Local.Serving;

/// <summary>What a running server leaves in its data folder, so that other processes of the same user find it.</summary>
/// <param name="Url">Where it listens, as seen from this machine.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="NeedsKey">Whether callers need a key.</param>
internal sealed record ServerFile(Uri Url, int ProcessId, bool NeedsKey)
{
    private const int MaxBytes = 4096;

    /// <summary>Writes the file, whole or not at all.</summary>
    public async Task WriteAsync(DataFolder data, CancellationToken cancellationToken)
    {
        var partial = $"{data.Server}.{ProcessId}";
        await File.WriteAllBytesAsync(
            partial,
            JsonSerializer.SerializeToUtf8Bytes(this, LeydenJson.Options),
            cancellationToken
        );
        File.Move(partial, data.Server, overwrite: true);
    }

    /// <summary>Reads the file.</summary>
    /// <returns>What it says; null when there is none, or none that can be read.</returns>
    public static ServerFile? Read(DataFolder data)
    {
        try
        {
            return new FileInfo(data.Server) is { Exists: true, Length: <= MaxBytes }
                ? JsonSerializer.Deserialize<ServerFile>(File.ReadAllBytes(data.Server), LeydenJson.Options)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the file.</summary>
    public static void Delete(DataFolder data) => File.Delete(data.Server);
}
