namespace Leyden.Storage;

/// <summary>The media types that file names imply, and what a media type may look like.</summary>
internal static class ContentTypes
{
    private const string Unknown = "application/octet-stream";
    private const int MaxLength = 255;

    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.Ordinal)
    {
        [".gif"] = "image/gif",
        [".jpg"] = "image/jpeg",
        [".json"] = "application/json",
        [".mp4"] = "video/mp4",
        [".png"] = "image/png",
        [".txt"] = "text/plain; charset=utf-8",
        [".webp"] = "image/webp",
    };

    /// <summary>The media type of an object that has no type of its own on record.</summary>
    public static string ImpliedBy(ObjectKey key) =>
        ByExtension.GetValueOrDefault(Path.GetExtension(key.Value), Unknown);

    /// <summary>Refuses what can not be sent as a header.</summary>
    /// <exception cref="ArgumentException">The type is empty, longer than 255 characters or not printable ASCII.</exception>
    public static void Check(string contentType)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(contentType);
        if (contentType.Length > MaxLength || contentType.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException(
                "A content type is at most 255 printable ASCII characters.",
                nameof(contentType)
            );
        }
    }
}
