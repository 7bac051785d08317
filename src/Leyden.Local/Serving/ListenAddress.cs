using System.Net;

namespace Leyden.Local.Serving;

/// <summary>Where <c>serve</c> listens.</summary>
/// <param name="Urls">As Kestrel takes them.</param>
/// <param name="IsLoopback">Whether only this machine can reach all of them.</param>
internal sealed record ListenAddress(IReadOnlyList<string> Urls, bool IsLoopback)
{
    /// <summary>Where <c>serve</c> listens when it is not told.</summary>
    public const string Default = "http://127.0.0.1:5005";

    /// <summary>Reads the value of <c>--urls</c>: one or several with semicolons between.</summary>
    /// <exception cref="SetupException">One is no http URL with a host and nothing after the port.</exception>
    public static ListenAddress Parse(string text)
    {
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0)
        {
            throw new SetupException($"--urls is empty; it must be an address such as {Default}.");
        }

        return new ListenAddress(urls, urls.All(IsLoopbackUrl));
    }

    /// <summary>The address at which this machine itself reaches an address that a server listens on.</summary>
    public static Uri FromHere(string url)
    {
        var listening = new UriBuilder(ReplaceWildcard(url));
        if (
            IPAddress.TryParse(listening.Host.Trim('[', ']'), out var ip)
            && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
        )
        {
            listening.Host = IPAddress.Loopback.ToString();
        }

        return listening.Uri;
    }

    private static bool IsLoopbackUrl(string text)
    {
        if (
            !Uri.TryCreate(ReplaceWildcard(text), UriKind.Absolute, out var url)
            || url.Scheme != Uri.UriSchemeHttp
            || url.PathAndQuery != "/"
            || url.UserInfo.Length > 0
        )
        {
            throw new SetupException(
                $"--urls has {text}; it must be an http address such as {Default} (for https, put a proxy in front)."
            );
        }

        return url.Host == "localhost" || (IPAddress.TryParse(url.DnsSafeHost, out var ip) && IPAddress.IsLoopback(ip));
    }

    /// <summary>Kestrel's names for every interface are no hosts to <see cref="Uri"/>.</summary>
    private static string ReplaceWildcard(string url) =>
        url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal)
            .Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
}
