namespace Leyden.Storage;

/// <summary>Makes read URLs for stores whose objects the host itself serves.</summary>
public interface IReadUrlSigner
{
    /// <summary>Makes a URL, relative to the host's root, that reads one object until a moment and that nobody else can make.</summary>
    Uri Sign(ObjectKey key, DateTimeOffset expiresAt);
}
