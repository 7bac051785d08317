namespace Leyden.Storage;

/// <summary>
/// Where things are below the root of a folder store. Objects are plain files named as their keys; what the store needs for
/// itself is in <c>.store</c>, which no key can name.
/// </summary>
internal sealed class FolderLayout(string root)
{
    private readonly string _own = Path.Combine(Path.GetFullPath(root), ".store");

    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    public string Locks => Path.Combine(_own, "locks");

    public string Temporary => Path.Combine(_own, "temporary");

    public string Types => Path.Combine(_own, "types");

    public string UrlSecret => Path.Combine(_own, "url-secret", "secret");

    public string PathOf(ObjectKey key) => FolderOf(key.Value);

    /// <summary>The directory of a prefix (with or without its last slash).</summary>
    public string FolderOf(string prefix)
    {
        var segments = prefix.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(FileNames.Encode);
        return Path.Combine([Root, .. segments]);
    }
}
