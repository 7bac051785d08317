namespace Leyden.Storage;

/// <summary>What must hold for a write to happen.</summary>
public readonly record struct WriteCondition
{
    private WriteCondition(bool mustBeAbsent, string? etag)
    {
        MustBeAbsent = mustBeAbsent;
        ETag = etag;
    }

    /// <summary>Write in any case, replacing what is there.</summary>
    public static WriteCondition None => default;

    /// <summary>Write only when there is no object under the key.</summary>
    public static WriteCondition IfAbsent => new(true, null);

    /// <summary>Whether an object under the key forbids the write.</summary>
    public bool MustBeAbsent { get; }

    /// <summary>The entity tag that the object under the key must have; null for no such condition.</summary>
    public string? ETag { get; }

    /// <summary>Write only when the object under the key still is the one with this entity tag.</summary>
    public static WriteCondition IfMatch(string etag) => new(false, etag);
}
