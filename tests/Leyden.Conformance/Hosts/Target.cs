namespace Leyden.Conformance.Hosts;

/// <summary>All that a test may know of a host.</summary>
/// <param name="BaseUrl">Its address.</param>
/// <param name="Key">The key of a caller; null when the host asks for none.</param>
/// <param name="OtherKey">The key of another caller; null when there is none.</param>
/// <param name="Emulator">The emulator that is its backend; null when its backend is something else.</param>
public sealed record Target(Uri BaseUrl, string? Key, string? OtherKey, Uri? Emulator);
