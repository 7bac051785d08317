using System.Net;

namespace Leyden.Local.Serving;

/// <summary>
/// Guards a server without keys against web pages: a browser on this machine reaches loopback addresses on behalf of any page, by a
/// foreign name that resolves to 127.0.0.1 or by a cross-site request. Both show in the headers <c>Host</c> and <c>Origin</c>.
/// </summary>
internal static class LocalCallersOnly
{
    /// <summary>Whether a request comes from a program or page of this machine.</summary>
    public static bool Allows(HttpRequest request) =>
        IsLocal(request.Host.Host)
        && (
            request.Headers.Origin.Count == 0
            || (Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin) && IsLocal(origin.DnsSafeHost))
        );

    private static bool IsLocal(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
