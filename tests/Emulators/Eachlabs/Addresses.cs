namespace Leyden.Emulators.Eachlabs;

/// <summary>The emulator's own address, as the caller of a request knows it.</summary>
internal static class Addresses
{
    public static string BaseUrlOf(HttpRequest request) => $"{request.Scheme}://{request.Host}";
}
