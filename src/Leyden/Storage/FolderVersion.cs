using System.Globalization;

namespace Leyden.Storage;

/// <summary>
/// Which write an object's file came from. It is the file's modification time, set before the file is renamed into place:
/// so it changes in the same instant as the content, and listing and reading need no second file. Two writes to a key never
/// share one, also with equal content and also across a delete (<see cref="After"/> under the key's lock), so that
/// compare-and-swap is safe from ABA. The lowest bit tells whether the content type is kept beside the object, because the
/// file's name does not imply it.
/// </summary>
/// <param name="Ticks">UTC, in units of 100 ns.</param>
internal readonly record struct FolderVersion(long Ticks)
{
    public string ETag => Ticks.ToString("x", CultureInfo.InvariantCulture);

    public bool HasTypeFile => (Ticks & 1) == 1;

    public DateTime Time => new(Ticks, DateTimeKind.Utc);

    public static FolderVersion At(DateTimeOffset now, bool hasTypeFile) =>
        new((now.UtcTicks & ~1L) | (hasTypeFile ? 1L : 0L));

    /// <summary>This version, or the next possible one after a version that must be before it.</summary>
    public FolderVersion After(FolderVersion last) =>
        Ticks > last.Ticks ? this : new((last.Ticks | 1) + 1 + (Ticks & 1));
}
