namespace Leyden.Storage;

/// <summary>What listings may ask for: everything, or what is below a folder.</summary>
internal static class ObjectPrefix
{
    private const int MaxLimit = 5000;

    /// <summary>Refuses a prefix that ends within a segment or is no possible start of a key, and a limit out of range.</summary>
    /// <exception cref="ArgumentException">The prefix is neither empty nor folders that each end in a slash.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not 1…5000.</exception>
    public static void Check(string prefix, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        if (prefix.Length > 0 && !(prefix.EndsWith('/') && ObjectKey.TryParse(prefix[..^1], out _)))
        {
            throw new ArgumentException($"'{prefix}' is neither empty nor a folder ending in a slash.", nameof(prefix));
        }
    }
}
