using System.IO.Enumeration;

namespace Leyden.Storage;

/// <summary>
/// Walks a folder store in ordinal order of keys. Directories are read when the walk gets to them, and those that lie before
/// its start are not read at all, so that a page costs what is on it and not what is in the store.
/// </summary>
/// <param name="layout">Where the objects are.</param>
/// <param name="onDirectoryRead">Told of each directory that is read, with its path.</param>
internal sealed class FolderListing(FolderLayout layout, Action<string>? onDirectoryRead = null)
{
    private static readonly EnumerationOptions EveryEntry = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>The keys below a prefix, after a key; null for all.</summary>
    public IEnumerable<string> KeysAfter(string prefix, string? after)
    {
        foreach (var name in NamesAfter(prefix, after))
        {
            if (!name.EndsWith('/'))
            {
                yield return name;
                continue;
            }

            foreach (var key in KeysAfter(name, after))
            {
                yield return key;
            }
        }
    }

    /// <summary>The folders directly below a prefix that have objects in them, after a folder; null for all. Each ends in a slash.</summary>
    public IEnumerable<string> FoldersAfter(string prefix, string? after) =>
        NamesAfter(prefix, after)
            .Where(name => name.EndsWith('/') && name != after && HasObjects(layout.FolderOf(name)));

    // With the slash that follows a folder's name in its keys, the order of names is that of keys: "a-b" < "a.json" < "a/…".
    private List<string> NamesAfter(string folder, string? after)
    {
        var names = new List<string>();
        foreach (var (segment, isFolder) in Read(layout.FolderOf(folder)))
        {
            var name = isFolder ? $"{folder}{segment}/" : folder + segment;
            var isOpen = isFolder && after is not null && after.StartsWith(name, StringComparison.Ordinal);
            if (isOpen || after is null || string.CompareOrdinal(name, after) > 0)
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    // A crash between making a directory and moving a file there leaves it empty: then there is no such folder.
    private bool HasObjects(string directory) =>
        Read(directory)
            .Any(entry => !entry.IsFolder || HasObjects(Path.Combine(directory, FileNames.Encode(entry.Segment))));

    private IEnumerable<(string Segment, bool IsFolder)> Read(string directory)
    {
        onDirectoryRead?.Invoke(directory);
        using var entries = Open(directory)?.GetEnumerator();
        while (entries is not null && entries.MoveNext())
        {
            if (entries.Current.Segment is not null)
            {
                yield return entries.Current;
            }
        }
    }

    private static FileSystemEnumerable<(string Segment, bool IsFolder)>? Open(string directory)
    {
        try
        {
            return new(
                directory,
                (ref entry) =>
                    FileNames.TryDecode(entry.FileName, out var segment) ? (segment, entry.IsDirectory) : default,
                EveryEntry
            );
        }
        catch (IOException) when (!Directory.Exists(directory))
        {
            // Never made, or pruned since its name was read, or the name of an object.
            return null;
        }
    }
}
