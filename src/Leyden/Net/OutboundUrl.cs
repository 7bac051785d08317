using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Leyden.Net;

/// <summary>
/// Judges URLs from callers before they are kept. What a name resolves to is not known yet: <see cref="OutboundHttpServices"/> judges
/// the address of each connection.
/// </summary>
public static class OutboundUrl
{
    /// <summary>What is accepted, for those who are told that something was not.</summary>
    public const string Form =
        "an http or https URL of a host on the public internet, without user name, password and fragment, 2,048 characters at most";

    private const int MaxLength = 2048;

    // Names that are never of the public internet, or of metadata services of clouds. With what is below them.
    private static readonly string[] InternalNames =
    [
        "localhost",
        "local",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "home.arpa",
        "localdomain",
        "onion",
        "test",
        "invalid",
        "example",
    ];

    /// <summary>Reads a URL.</summary>
    /// <param name="text">As the caller wrote it.</param>
    /// <param name="options">What is permitted beside public hosts.</param>
    /// <param name="url">The URL, to be called as it is: it must not be read from text again.</param>
    /// <param name="problem">What is wrong, as the end of a sentence that begins with the field's name.</param>
    /// <returns>Whether it may be kept.</returns>
    public static bool TryParse(
        string text,
        NetworkOptions options,
        [NotNullWhen(true)] out Uri? url,
        [NotNullWhen(false)] out string? problem
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(options);
        url = null;
        problem = Problem(text, options, ref url);
        return problem is null;
    }

    private static string? Problem(string text, NetworkOptions options, ref Uri? url)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return text.Length == 0 ? "is empty" : $"has {text.Length} characters";
        }

        // Readers of URLs disagree about these, which is how one is shown to a check and another one called.
        if (text.Any(c => c is '\\' or <= ' ' or '\u007F' || char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return "has a blank, a backslash or a control character in it";
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out url))
        {
            return "is no absolute URL";
        }

        if (url.Scheme is not ("http" or "https"))
        {
            return $"begins with {url.Scheme}:";
        }

        if (
            url.UserInfo.Length > 0
            || text.Split('/', '?', '#') is [_, _, var authority, ..]
                && authority.Contains('@', StringComparison.Ordinal)
        )
        {
            return "has a user name or password in it";
        }

        if (url.Fragment.Length > 0 || text.Contains('#', StringComparison.Ordinal))
        {
            return "has a fragment (#) in it";
        }

        return HostProblem(url, options);
    }

    private static string? HostProblem(Uri url, NetworkOptions options)
    {
        var host = url.IdnHost.TrimEnd('.');
        if (host.Length == 0)
        {
            return "names no host";
        }

        if (options.Allows(host))
        {
            return null;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return PublicAddresses.IsPublic(address) || (options.AllowLoopback && PublicAddresses.IsLoopback(address))
                ? null
                : "leads to an address that is not on the public internet";
        }

        // No name ends in a number: whoever resolves it may see an address in it, such as one with digits of another script.
        if (char.IsAsciiDigit(host[host.LastIndexOf('.') + 1]))
        {
            return "names a host that ends like an address and is none";
        }

        var isLocalhost = IsOrIsBelow(host, "localhost");
        return isLocalhost && options.AllowLoopback ? null
            : !host.Contains('.', StringComparison.Ordinal) || InternalNames.Any(name => IsOrIsBelow(host, name))
                ? "names a host that is not on the public internet"
            : null;
    }

    private static bool IsOrIsBelow(string host, string name) =>
        host.Equals(name, StringComparison.OrdinalIgnoreCase)
        || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase);
}
